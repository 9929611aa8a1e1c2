import * as z from 'zod';

/**
 * The mail that proves every hour that mail is signed, sent and received; off unless it is given. It is
 * sent by an account of yours, from a domain that it holds.
 */
export const canary = z
  .strictObject({
    /** The id of your account: `npm run tenant -- list`. */
    tenant: z.string().regex(/^t_[a-z2-7]{26}$/, 'give the id of an account, t_ and 26 characters'),
    /** The address that the mails come from. */
    from: z.email('give an email address').toLowerCase(),
  })
  .optional();
