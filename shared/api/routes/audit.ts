import * as z from 'zod';
import { actorKinds, auditVerbs, subjectKinds } from '#shared/core/audit/entry.ts';
import { components, type Route } from './route.ts';

const auditQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  from: z.iso.datetime().optional().describe('Entries from then on; ISO 8601, UTC'),
  to: z.iso.datetime().optional().describe('Entries before then; ISO 8601, UTC'),
  actor: z.string().min(1).max(200).optional().describe('A kind of actor, or the id of one'),
  subject: z.enum(subjectKinds).optional().describe('What was changed or read'),
  subjectId: z
    .string()
    .min(1)
    .max(320)
    .optional()
    .describe('The name or id of what was changed or read'),
  verb: z.enum(auditVerbs).optional(),
  format: z
    .enum(['json', 'jsonl'])
    .default('json')
    .describe('`jsonl`: a line for each entry, with all that its verification takes'),
});

const auditEntry = z
  .object({
    id: z.string(),
    at: z.iso.datetime().describe('When it was made'),
    verb: z.enum(auditVerbs),
    subject: z.enum(subjectKinds).describe('What was changed or read'),
    subjectId: z.string().describe('Its name or id'),
    actor: z.object({
      kind: z.enum(actorKinds),
      id: z
        .string()
        .describe('The id of the key, user or platform; the name of the operator or function'),
    }),
    operation: z.string().describe('The route, command or function'),
    requestId: z.string(),
    address: z.string().nullable().describe('The IP address that the request came from'),
    userAgent: z.string().nullable(),
    changes: z.array(
      z.object({
        field: z.string(),
        before: z.unknown().describe('null where it was absent'),
        after: z.unknown().describe('null where it is absent'),
      }),
    ),
    seal: z
      .object({
        number: z.int().describe('Its place in your chain, from 1'),
        previous: z.string().describe('The hash of the entry before it'),
        hash: z.string(),
      })
      .nullable()
      .describe('null for up to a minute, until it is in the chain'),
  })
  .register(components, { id: 'AuditEntry' });

export type AuditEntryDocument = z.infer<typeof auditEntry>;

const auditPage = z
  .object({
    entries: z.array(auditEntry),
    cursor: z
      .string()
      .nullable()
      .describe(
        'For the next page, which may have entries though this one has few; null at the end',
      ),
  })
  .register(components, { id: 'AuditPage' });

/** The audit log. */
export const audit = {
  readAuditLog: {
    function: 'audit',
    method: 'GET',
    path: '/v1/audit',
    scope: 'audit:read',
    acrossTenants: true,
    summary: 'Read who changed what, newest first',
    description:
      'Every change of the last 400 days: by API, dashboard, platform, operator, or by the service itself. What is personal reads `[erased]` once it was erased. A platform key without a tenant reads what was changed of the platform itself. With `format=jsonl` the next page is in the `Link` field of the answer (`rel="next"`).',
    query: auditQuery,
    answer: {
      status: 200,
      says: 'A page',
      json: auditPage,
      text: ['application/jsonl'],
    },
    refusals: ['invalid-cursor'],
  },
} as const satisfies Record<string, Route>;
