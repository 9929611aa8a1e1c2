import * as z from 'zod';

/**
 * Mails to the people who run the DNS of tenants' domains; off unless it is given. They are sent by
 * an account of yours, from a domain that it holds.
 */
export const handOver = z
  .strictObject({
    /** The id of your account: `npm run tenant -- list`. */
    tenant: z.string().regex(/^t_[a-z2-7]{26}$/, 'give the id of an account, t_ and 26 characters'),
    /** The address that the mails come from. */
    from: z.email('give an email address').toLowerCase(),
    /** Your name, as the mails give it. */
    name: z
      .string()
      .regex(
        /^[^\p{C}<>"@:/]{1,64}$/u,
        'give a name of at most 64 characters, without < > " @ : /',
      ),
    /** Where answers go; without it to the address that the mails come from. */
    replyTo: z.email('give an email address').optional(),
  })
  .optional();
