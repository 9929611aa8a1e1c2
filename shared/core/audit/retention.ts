/**
 * Days that entries are kept and shown. Items expire two days later, so that all that was sealed
 * after a head of this age is still there to be verified.
 */
export const AUDIT_DAYS = 400;
