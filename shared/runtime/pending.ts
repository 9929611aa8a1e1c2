/** How long the service waits for people, for its configuration and its documents. */
export { PENDING_DAYS } from '#shared/core/model/expiry.ts';
