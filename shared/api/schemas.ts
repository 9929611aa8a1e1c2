import * as z from 'zod';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

/** The body of `POST /v1/domains`. */
export const claimRequest = z.strictObject({
  name: z
    .string()
    .min(1)
    .describe('The domain, in any case, with or without a trailing dot, in U-labels or A-labels'),
});

/** The query of `GET /v1/domains`. */
export const pageQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const recordFormats = ['json', 'bind'] as const;

/** The query of `GET /v1/domains/{name}/records`. */
export const recordsQuery = z.object({ format: z.enum(recordFormats).default('json') });

export const customerRecord = z.object({
  id: z.string().describe('Stable for the life of the claim: `dkim-zero`, `spf`'),
  purpose: z.enum(['dkim', 'ses-identity', 'mail-from', 'dmarc', 'spf']),
  name: z.string().describe('Full name, without a trailing dot'),
  type: z.enum(['CNAME', 'MX', 'TXT']),
  value: z.string().describe('Empty while it is being prepared'),
  required: z.boolean().describe('Whether sending waits for it; the others are recommended'),
  why: z.string(),
  status: z
    .enum(['ok', 'ok-external', 'missing', 'wrong', 'unknown', 'preparing'])
    .describe(
      '`ok-external`: right by a record of your own. `unknown`: not checked yet, or DNS did not answer. `preparing`: its value is not known yet.',
    ),
  observed: z.array(z.string()).describe('What DNS answered at the last check'),
  hint: z.string().nullable().describe('What to change'),
});

const disposition = z.enum(['none', 'quarantine', 'reject']);
const selector = z.string().nullable();

export const domainDocument = z.object({
  name: z.string().describe('In A-labels, lower case'),
  status: z
    .enum(['pending', 'verified', 'at-risk', 'lost'])
    .describe(
      '`pending`: not proven yet. `verified`: yours, and mail can be signed. `at-risk`: a record broke; mail is still signed. `lost`: another account proved the domain, or it was broken for 7 days; nothing is sent.',
    ),
  sending: z
    .enum(['preparing', 'ready', 'failed'])
    .describe('The SES identity; `preparing` until the domain is verified'),
  lifecycle: z
    .enum(['live', 'deleting'])
    .describe('`deleting`: nothing is sent; claiming the domain again within 7 days undoes it'),
  deletedAt: timestamp.optional(),
  problem: z
    .object({ detail: z.string(), since: timestamp })
    .optional()
    .describe('Why our own DNS does not show the domain’s records as they should be'),
  records: z.array(customerRecord).describe('What to publish in the DNS of the domain'),
  dkim: z
    .object({
      current: selector.describe('The selector that signs'),
      next: selector.describe('The selector that will sign next'),
      previous: selector.describe('The selector that signed before, still published'),
      rotatesAt: timestamp.nullable().describe('When the monthly rotation next comes to it'),
    })
    .describe('Which of the three selectors does what; null where none does'),
  dmarc: z
    .object({
      p: disposition,
      sp: disposition.optional(),
      np: disposition.optional(),
      adkim: z.enum(['r', 's']).optional(),
      aspf: z.enum(['r', 's']).optional(),
      fo: z.string().optional(),
      t: z.enum(['y', 'n']).optional(),
      psd: z.enum(['y', 'n']).optional(),
      rua: z.array(z.string()).optional().describe('Your own report addresses'),
      ruf: z.array(z.string()).optional(),
      record: z.string().describe('The record we host'),
    })
    .nullable()
    .describe('Null until DNS told which policy is in effect today'),
  spf: z.object({
    mechanisms: z.array(z.string()).describe('What you added to the service’s own senders'),
    record: z.string().describe('The record we host'),
  }),
  createdAt: timestamp,
  verifiedAt: timestamp.nullable().describe('When the domain was first verified'),
});

export const domainPage = z.object({
  domains: z.array(domainDocument),
  cursor: z.string().nullable().describe('For the next page; null on the last one'),
});

export const recordsExport = z.object({
  name: z.string(),
  records: z.array(customerRecord),
});

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What was wrong, with what, and what to do'),
  code: z.string().describe('The last part of `type`'),
  retryAfter: z.int().optional().describe('Seconds after which the same request may succeed'),
});

export type DomainDocument = z.infer<typeof domainDocument>;
export type RecordDocument = z.infer<typeof customerRecord>;
