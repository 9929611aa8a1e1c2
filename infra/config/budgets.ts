import * as z from 'zod';
import { budgetDefinitions, HIGHEST_LIMIT, type BudgetName } from '#shared/runtime/budgets.ts';

const limit = (name: BudgetName) =>
  z
    .int('give a whole number')
    .min(0, 'give at least 0, which allows none')
    .max(HIGHEST_LIMIT, `give at most ${HIGHEST_LIMIT}`)
    .default(budgetDefinitions[name].limit);

/**
 * The limits of a tenant for whom the operator set none (`npm run tenant -- limits`), by the names of
 * `GET /v1/limits`.
 */
export const budgets = z
  .strictObject({
    /** Calls of the API. */
    'calls-minute': limit('calls-minute'),
    /** Domains claimed; SES takes one call a second for all of them. */
    'claims-hour': limit('claims-hour'),
    /** Delegated domains claimed; each has a hosted zone that costs money. */
    'delegated-claims-day': limit('delegated-claims-day'),
    'deletions-hour': limit('deletions-hour'),
    /** Domains that are not verified, and deleted ones that never were, until their records are gone. */
    'pending-claims': limit('pending-claims'),
    /** Domains that may be checked within 2 seconds. */
    checks: limit('checks'),
    /** Lists of records at once that wait for a value or for DNS. */
    'waiting-records': limit('waiting-records'),
    /** Recipients of mail; a message may have 1,000. */
    'recipients-minute': limit('recipients-minute'),
    'recipients-day': limit('recipients-day'),
    /** Requests that ask other servers of DNS, beside checks and lists of records. */
    'dns-requests-minute': limit('dns-requests-minute'),
    /** Megabytes of uploads; a mail has at most 30. */
    'upload-megabytes-day': limit('upload-megabytes-day'),
    /** Addresses that requests put on a suppression list, those that were there included. */
    'suppressions-day': limit('suppressions-day'),
    /** Mails that invite to the dashboard. */
    'invitations-day': limit('invitations-day'),
    /** Contacts to be mailed a link to their records; each gets up to four mails. */
    'hand-over-mails-day': limit('hand-over-mails-day'),
    /** Seconds between two invitations of one address. */
    'invitation-interval': limit('invitation-interval'),
    /** Seconds in which a tenant's webhook endpoints may keep requests waiting. */
    'webhook-seconds-minute': limit('webhook-seconds-minute'),
    /** Deliveries to webhook endpoints that requests send again, and tests. */
    'webhook-replays-hour': limit('webhook-replays-hour'),
    /** Domains that a platform claims for its tenants. */
    'platform-claims-day': limit('platform-claims-day'),
    /** Domains of one tenant that are not verified, with which its platform may claim more. */
    'platform-pending-claims': limit('platform-pending-claims'),
    /** Rows of a platform's imports, dry runs included. */
    'import-rows-day': limit('import-rows-day'),
    /** Readings of one share link. */
    'shared-calls-minute': limit('shared-calls-minute'),
  } satisfies Record<BudgetName, z.ZodType>)
  .prefault({});
