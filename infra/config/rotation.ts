import * as z from 'zod';
import { domain } from './fields.ts';

/** When keys are rotated, and how fast. */
export const rotation = z
  .strictObject({
    /** When the monthly rotation starts: an EventBridge Scheduler expression, in UTC. */
    schedule: z
      .string()
      .regex(
        /^(?:cron|rate)\([^()]+\)$/,
        'give a cron(...) or rate(...) expression of EventBridge Scheduler',
      )
      .default('cron(0 3 1 * ? *)'),
    /** Domains of your own, held by a tenant of yours, which rotate before anybody else's. */
    ownDomains: z.array(domain).max(20, 'give at most 20').default([]),
    /**
     * True if tenants may have the private halves of retired keys published. Switches on a function
     * that may unwrap them, beside the signer.
     */
    disclosure: z.boolean('give true or false').default(false),
    /** The part of the quotas below that the rotation may use; the rest is for onboarding and emergencies. */
    share: z.number().gt(0, 'give more than 0').max(1, 'give at most 1').default(0.8),
    /** The account's quota of RSA-2048 key pairs that KMS makes a second. */
    keyPairsPerSecond: z.number().gt(0, 'give more than 0').default(20),
    /** The account's quota of Route 53 changes a second, of which a new key takes two. */
    changesPerSecond: z.number().gt(0, 'give more than 0').default(100),
    /** Minutes that sampled mail is verified after each wave before the next one begins. */
    watchMinutes: z
      .int('give a whole number')
      .min(0, 'give 0 to 1440')
      .max(1440, 'give 0 to 1440')
      .default(60),
  })
  .prefault({});
