import * as z from 'zod';
import { budgets } from './budgets.ts';
import { canary } from './canary.ts';
import { concurrency } from './concurrency.ts';
import { domainConnect } from './domain-connect.ts';
import { domain, label, resolver, spfMechanism } from './fields.ts';
import { handOver } from './hand-over.ts';
import { checkTogether } from './limits.ts';
import { adviceOnName } from './names.ts';
import { adviceOnRegion } from './regions.ts';
import { outbound, reports } from './mail.ts';
import { pending } from './pending.ts';
import { reputation } from './reputation.ts';
import { rotation } from './rotation.ts';
import { smtp } from './smtp.ts';
import { tables } from './tables.ts';
import { users } from './users.ts';

/**
 * The settings of a deployment, which an operator decides. The defaults synthesize as they are; the
 * values come from the `sender-domains` key of cdk.json's context or from a JSON file
 * (`readConfig`).
 */
export const schema = z
  .strictObject({
    /** Prefix of every name: stacks, functions, tables, queues. Two deployments in one account and region need two names. */
    name: z
      .string()
      .regex(
        /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/,
        'give 1 to 24 lower-case letters, digits and inner hyphens, beginning with a letter',
      )
      .superRefine(advisedBy(adviceOnName))
      .default('sender-domains'),
    /** The region of every stack, where SES sends mail; where it receives none, no DMARC reports come. */
    region: z.string().superRefine(advisedBy(adviceOnRegion)).default('eu-west-1'),
    /** The account to deploy to; without it the account of the credentials that deploy. */
    account: z
      .string()
      .regex(/^[0-9]{12}$/, 'give the 12 digits of an AWS account')
      .optional(),
    /**
     * The zone that is delegated to this service, above every hosted name. Never change it once
     * customers point at it.
     */
    zone: domain.default('sender-domains.example'),
    /** The number of shards, each a hosted zone for about 1,250 claims. May only grow. */
    shards: z
      .int('give a whole number')
      .min(1, 'give at least 1')
      .max(200, 'give at most 200')
      .default(4),
    /** The three DKIM selectors that customers publish; never change them once customers point at them. */
    selectors: z.tuple([label, label, label]).default(['zero', 'one', 'two']),
    /** The label of the custom MAIL FROM domain below each customer's domain. */
    bounceLabel: label.default('bounces'),
    /** SPF mechanisms of the service's own senders. */
    senders: z
      .array(
        z
          .string()
          .regex(spfMechanism, 'give an SPF mechanism with its value, such as include:example.com'),
      )
      .min(1, 'give at least one')
      .default(['include:amazonses.com']),
    dns: z
      .strictObject({
        /** Recursive resolvers that checks ask. */
        resolvers: z
          .array(resolver)
          .min(1, 'give at least one')
          .default(['1.1.1.1', '8.8.8.8', '9.9.9.9']),
        /** The port of authoritative servers; 53 wherever DNS is the real one. */
        authoritativePort: z
          .int('give a whole number')
          .min(1, 'give 1 to 65535')
          .max(65_535, 'give 1 to 65535')
          .default(53),
      })
      .prefault({}),
    ses: z
      .strictObject({
        /** The most identities that SES allows the account in the region; raise it once AWS did. */
        identityQuota: z.int('give a whole number').min(1, 'give at least 1').default(10_000),
        /** The share of them, in percent, from which on an alarm says so. */
        identityAlarm: z
          .int('give a whole number')
          .min(1, 'give 1 to 100')
          .max(100, 'give 1 to 100')
          .default(80),
      })
      .prefault({}),
    delegation: z
      .strictObject({
        /** The most hosted zones of delegated subdomains, of all tenants together; 0 offers none. */
        zones: z
          .int('give a whole number')
          .min(0, 'give at least 0, which offers none')
          .max(10_000, 'give at most 10,000')
          .default(100),
      })
      .prefault({}),
    tables,
    outbound,
    budgets,
    pending,
    reports,
    reputation,
    rotation,
    smtp,
    users,
    domainConnect,
    handOver,
    canary,
    concurrency,
    alarms: z
      .strictObject({
        /**
         * Subscribed to both alarm topics; AWS asks it to confirm. `null` if you subscribe to the
         * topics by other means: a deployment that nobody is notified of is refused.
         */
        email: z.email('give an email address, or null').nullable().optional(),
      })
      .prefault({}),
  })
  .superRefine(checkTogether);

/** Adds what a function says to give instead of a value. */
function advisedBy(
  advice: (value: string) => string | undefined,
): (value: string, context: z.core.$RefinementCtx<string>) => void {
  return (value, context) => {
    const message = advice(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  };
}

export type Config = z.output<typeof schema>;
