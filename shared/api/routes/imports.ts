import * as z from 'zod';
import { MOST_ROWS, rowStates } from '#shared/core/model/import.ts';
import { components, type Route } from './route.ts';

/** Octets of a list; Lambda's payload is 6 MB, of which base64 leaves three quarters. */
export const MAX_IMPORT_OCTETS = 4_000_000;

const startQuery = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .describe('`true`: nothing is claimed, and each row says what a claim would meet'),
});

const counts = z.object({
  claimed: z.int(),
  existing: z.int(),
  repeated: z.int(),
  failed: z.int(),
  forecast: z.int(),
  waiting: z.int().describe('Rows that were not worked on yet'),
});

const importDocument = z
  .object({
    id: z.string(),
    dryRun: z.boolean(),
    status: z.enum(['running', 'done', 'cancelled']),
    rows: z.int(),
    counts,
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    expectedAt: z.iso
      .datetime()
      .nullable()
      .describe('When its last domain has its records, at the rate that Amazon SES allows'),
  })
  .register(components, { id: 'Import' });

const importPage = z
  .object({
    imports: z.array(importDocument).describe('Newest first'),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'ImportPage' });

const forecast = z.object({
  registered: z.boolean().nullable().describe('False: its registry does not have it'),
  provider: z.string().nullable().describe('Who runs its DNS, where it is a known provider'),
  oneClick: z
    .boolean()
    .nullable()
    .describe('The provider offers Domain Connect, and so does this service'),
  spf: z
    .enum(['none', 'fits', 'full', 'broken'])
    .nullable()
    .describe('`full`: our include would pass 10 lookups. `broken`: receivers cannot use it'),
  dmarc: z
    .union([z.literal('none'), z.object({ policy: z.string(), own: z.boolean() })])
    .nullable()
    .describe('The policy in effect today; `own`: by a record of the domain itself'),
});

const rowDocument = z.object({
  row: z.int().describe('Its place in the list, from 1, the header left out'),
  externalId: z.string(),
  domain: z.string(),
  state: z
    .enum([...rowStates, 'waiting'])
    .describe(
      '`claimed` now, `existing` before, `repeated` by an earlier row; `failed`: nothing was done',
    ),
  code: z.string().nullable().describe('Why it failed, as a problem’s `code`'),
  detail: z.string().nullable().describe('What was wrong, and what to do'),
  tenant: z.string().nullable(),
  status: z.string().nullable().describe('Of the domain: `pending`, `verified` ...'),
  sending: z.string().nullable().describe('Of the domain: `preparing` until SES gave its value'),
  forecast: forecast.nullable(),
});

const rowPage = z
  .object({
    rows: z.array(rowDocument),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'ImportRowPage' });

const pageQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

const rowQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  state: z
    .enum([...rowStates, 'waiting'])
    .optional()
    .describe('Only rows in this state'),
});

export type ImportDocument = z.infer<typeof importDocument>;
export type RowDocument = z.infer<typeof rowDocument>;

/** Lists of domains that a platform brings in. */
export const imports = {
  startImport: {
    function: 'imports',
    method: 'POST',
    path: '/v1/imports',
    scope: 'platform',
    summary: 'Bring in a list of domains',
    description: `One domain a row, at most ${MOST_ROWS.toLocaleString('en')}: \`externalId\`, \`domain\`, and, if wanted, \`name\` of the tenant, \`contact\` (the mail address of whoever runs the DNS), \`contactName\` and \`language\`. CSV with a header line, or one JSON object a line. A tenant is made for each external id that you have none for. Rows with a mistake fail by themselves; rows that come twice are done once. Begin with \`dryRun=true\`.`,
    query: startQuery,
    body: { byMediaType: { 'text/csv': null, 'application/x-ndjson': null } },
    answer: { status: 202, says: 'Accepted', json: importDocument, location: '/v1/imports/{id}' },
    refusals: ['invalid-parameter', 'invalid-body', 'unsupported-media-type', 'payload-too-large'],
  },
  listImports: {
    function: 'imports',
    method: 'GET',
    path: '/v1/imports',
    scope: 'platform',
    summary: 'List your imports',
    description: 'For 90 days.',
    query: pageQuery,
    answer: { status: 200, says: 'A page', json: importPage },
    refusals: ['invalid-cursor'],
  },
  getImport: {
    function: 'imports',
    method: 'GET',
    path: '/v1/imports/{id}',
    scope: 'platform',
    summary: 'Read how far an import is',
    answer: { status: 200, says: 'The import', json: importDocument },
    refusals: ['not-found'],
  },
  listImportRows: {
    function: 'imports',
    method: 'GET',
    path: '/v1/imports/{id}/rows',
    scope: 'platform',
    summary: 'List the rows of an import, and what became of each',
    description: 'In their order. A page may have few rows, or none, and still have a cursor.',
    query: rowQuery,
    answer: { status: 200, says: 'A page', json: rowPage },
    refusals: ['not-found', 'invalid-cursor'],
  },
  cancelImport: {
    function: 'imports',
    method: 'DELETE',
    path: '/v1/imports/{id}',
    scope: 'platform',
    summary: 'Cancel an import',
    description: 'Rows that wait are not worked on. What was claimed stays claimed.',
    answer: { status: 200, says: 'The import', json: importDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
