import * as z from 'zod';
import { atLeastOne, days, domain, reporter } from './fields.ts';

/** The settings for outbound mail. */
export const outbound = z
  .strictObject({
    /** Domains that mail may leave unsigned from; none unless you list it. */
    unsignedAllowed: z.array(domain).max(30, 'give at most 30').default([]),
    /**
     * Seconds that an unclear recipient batch waits for an SES event to settle it. Events mostly
     * come within seconds, in an outage of SES much later.
     */
    unclearSeconds: z
      .int('give a whole number')
      .min(5, 'give at least 5')
      .max(86_400, 'give at most 86400')
      .default(900),
    /**
     * The action on a recipient batch that no event settled: `resend` risks a double, `hold` a loss
     * until an operator decides.
     */
    unclearPolicy: z.enum(['resend', 'hold'], { error: 'give resend or hold' }).default('resend'),
    /**
     * Hours that a mail waits while no key of its domain is in DNS; then it is refused. Receivers
     * could not verify it.
     */
    holdHours: z
      .int('give a whole number')
      .min(1, 'give at least 1')
      .max(72, 'give at most 72')
      .default(4),
    /**
     * The tenants whose events of mail (`message.*`) are on the event bus: those with a `webhook` for
     * them, or `all`, for rules of your own.
     */
    events: z.enum(['webhooks', 'all'], { error: 'give webhooks or all' }).default('webhooks'),
    /** The number of signers that may run at once; raise it with the account's SES send rate. */
    concurrency: z
      .int('give a whole number')
      .min(2, 'give at least 2, the least that SQS allows')
      .max(1000, 'give at most 1000')
      .default(10),
  })
  .prefault({});

/** DMARC reports, and the plans that follow them. */
export const reports = z
  .strictObject({
    /**
     * The reporters whose DMARC reports count as evidence, once their own mail is authenticated:
     * addresses, or domains for any address at them or below. Give addresses where others can have
     * mail sent from the domain.
     */
    reporters: z
      .array(reporter)
      .min(1, 'give at least one')
      .default([
        'noreply-dmarc-support@google.com',
        'dmarcreport@microsoft.com',
        'noreply@dmarc.yahoo.com',
        'dmarc_support@corp.mail.ru',
        'reports@fastmaildmarc.com',
        'noreply-dmarc@zoho.com',
        'noreply-dmarc@sicher.gmx.net',
        'noreply-dmarc@sicher.web.de',
        'postmaster@amazonses.com',
        'mimecastreport.com',
      ]),
    /** The conditions for a step of a domain's DMARC plan. */
    rollOut: z
      .strictObject({
        /** Days that `none` lasts at least, and that its evidence is of. */
        noneDays: days.default(28),
        /** Days that `quarantine` lasts at least, and that its evidence is of. */
        quarantineDays: days.default(14),
        /** Reporters that must have seen mail of the domain's own sources. */
        reporters: atLeastOne.default(2),
        /** The number of messages that reporters must have seen. */
        messages: atLeastOne.default(1000),
        /** The share of it that must have passed. */
        passRate: z.number().min(0.9, 'give 0.9 to 1').max(1, 'give 0.9 to 1').default(0.995),
        /** For domains with less mail: days, and how much mail in them, of any reporter. */
        slowDays: days.default(56),
        slowMessages: atLeastOne.default(50),
      })
      .prefault({}),
  })
  .prefault({});
