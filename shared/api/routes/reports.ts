import * as z from 'zod';
import { components, type Route } from './route.ts';

const day = z.iso.date();

const reportsQuery = z.object({
  from: day.optional().describe('The first day, UTC; 30 days before the last where it is absent'),
  to: day.optional().describe('The last day, UTC; today where it is absent'),
});

const rate = z.number().min(0).max(1).nullable().describe('Null where there was no mail');

const outcomes = z.object({
  messages: z.int(),
  passed: z.int().describe('Of which DMARC passed: DKIM or SPF did, aligned with the From domain'),
  dkim: z.int().describe('Of which DKIM passed, aligned'),
  spf: z.int().describe('Of which SPF passed, aligned'),
  quarantined: z.int(),
  rejected: z.int(),
  rates: z.object({ passed: rate, dkim: rate, spf: rate }),
});

export const reportsDocument = z
  .object({
    name: z.string(),
    suggestion: z
      .literal('parked')
      .optional()
      .describe(
        'Receivers have reported no mail for 60 days that passes: if it sends nothing, claim the domain as parked',
      ),
    from: day,
    to: day,
    totals: outcomes.describe(
      'Of reports whose own mail proves that a configured reporter sent it',
    ),
    days: z.array(outcomes.extend({ day })),
    sources: z
      .array(
        outcomes.extend({
          id: z
            .string()
            .describe('`ses`, `forwarded`, a domain, or an address; the plan takes it as it is'),
          kind: z
            .enum(['service', 'sender', 'forwarder', 'unknown'])
            .describe(
              '`service`: this service. `sender`: a host that SPF or DKIM names; yours, or anybody’s. `forwarder`: passes on what others signed for you. `unknown`: nothing but an address.',
            ),
          addresses: z.array(z.string()).describe('Those with most mail, at most 20'),
          known: z.boolean().describe('Whether its mail counts for the plan'),
          decision: z
            .enum(['confirmed', 'ignored', 'undecided'])
            .describe(
              'What you said of it, by `PATCH /v1/domains/{name}/sources/{source}` or in the plan',
            ),
          service: z
            .object({
              name: z.string(),
              align: z.string().describe('How its mail comes to pass DMARC for your domain'),
              page: z.url().describe('The page that says so'),
              read: day.describe('The day that the page was read'),
            })
            .nullable()
            .describe(
              'The known service that its mail comes from: by SPF, DKIM, or else by the networks that the service publishes',
            ),
        }),
      )
      .describe('Those with most mail first, at most 500'),
    selectors: z
      .array(z.object({ selector: z.string(), passed: z.int(), failed: z.int(), rate }))
      .describe('Signatures of the domain itself, by the selector of the key'),
    reporters: z.array(
      z.object({
        reporter: z.string(),
        reports: z.int(),
        messages: z.int(),
        unreadableRows: z.int(),
      }),
    ),
    names: z
      .array(outcomes.extend({ name: z.string() }))
      .describe('By the name that the reports are about: the domain, or one below it'),
    unreadableRows: z
      .int()
      .describe('Rows of the counted reports that cannot be read; they are in no other figure'),
    coarse: z
      .object({ reports: z.int(), messages: z.int() })
      .describe(
        'Of the counted reports those of several days: their mail is spread over the days, and is no evidence for the plan',
      ),
    flaggedKeys: z
      .array(
        z.object({
          day,
          at: z.iso.datetime(),
          selector: z.string(),
          failed: z.int(),
          passed: z.int(),
          reporters: z.array(z.string()),
        }),
      )
      .describe(
        'Newly promoted keys that receivers could not verify; signing was moved away from them',
      ),
    unverified: z
      .object({
        reports: z.int(),
        messages: z.int(),
        unreadableRows: z.int(),
        organizations: z.array(z.string()),
      })
      .describe('Reports that anybody may have written; they are in no other figure'),
    refused: z
      .array(
        z.object({
          day,
          counts: z.record(z.string(), z.int()).describe('How many mails, by reason'),
          last: z.array(
            z.object({
              at: z.iso.datetime(),
              reason: z.string(),
              detail: z.string(),
              reporter: z.string().nullable().describe('Where it is proven'),
            }),
          ),
        }),
      )
      .describe('Mail to the report address that gave no figures'),
  })
  .register(components, { id: 'Reports' });

export type ReportsDocument = z.infer<typeof reportsDocument>;

/** Routes of the DMARC reports about a domain's mail. */
export const reports = {
  readReports: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/reports',
    scope: 'domains:read',
    summary: 'What receivers report of the domain’s mail',
    description:
      'DMARC aggregate reports, summed by day, source, selector and reporter. Only reports that a configured reporter is proven to have sent are counted; others are shown apart.',
    query: reportsQuery,
    answer: { status: 200, says: 'The figures', json: reportsDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
