import * as z from 'zod';
import { flattenedInclude } from './change-schemas.ts';
import { recordCodes, recordStatuses } from '#shared/core/model/check.ts';
import { hostings } from '#shared/core/model/claim.ts';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

/** The body of `POST /v1/domains`. */
export const claimRequest = z.strictObject({
  name: z
    .string()
    .min(1)
    .describe('The domain, in any case, with or without a trailing dot, in U-labels or A-labels'),
  hosting: z
    .enum(hostings)
    .optional()
    .describe(
      'Who hosts its DKIM keys and DMARC policy: `service`, which is the default, or `self` where you can’t or won’t create CNAME records',
    ),
});

/** The query of `GET /v1/domains`. */
export const pageQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  prefix: z
    .string()
    .max(253)
    .toLowerCase()
    .optional()
    .describe('Only domains whose name, in A-labels, begins with this'),
});

const disposition = z.enum(['none', 'quarantine', 'reject']);

/** The tags of a DMARC policy (RFC 9989 §4.7). */
const dmarcPolicy = {
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
};

const counts = {
  lookups: z.int().describe('Terms that cause look-ups, itself and all below; 10 at most'),
  voidLookups: z.int().describe('Look-ups that find nothing; 2 at most'),
};

export const spfNode = z.object({
  domain: z.string(),
  record: z.string().optional(),
  problem: z
    .enum(['no-record', 'several-records', 'invalid', 'loop', 'no-answer', 'not-followed'])
    .optional(),
  detail: z.string().optional(),
  get terms() {
    return z.array(z.object({ text: z.string(), ...counts, node: spfNode.optional() }));
  },
});

export const spfTree = z.object({ root: spfNode, ...counts });

export const recordFormats = ['json', 'bind', 'route53', 'cloudflare', 'terraform'] as const;
export type RecordFormat = (typeof recordFormats)[number];

/** The query of `GET /v1/domains/{name}/records`. */
export const recordsQuery = z.object({ format: z.enum(recordFormats).default('json') });

export const customerRecord = z.object({
  id: z.string().describe('Stable for the life of the claim: `dkim-zero`, `spf`'),
  purpose: z.enum(['dkim', 'ses-identity', 'mail-from', 'dmarc', 'spf']),
  name: z.string().describe('Full name, without a trailing dot'),
  type: z.enum(['CNAME', 'MX', 'TXT']),
  value: z
    .string()
    .describe(
      'What is to stand at the name. Where it has an SPF record already, that with our include in it; empty while it is being prepared, and where SPF must be mended by hand first, as `hint` says',
    ),
  required: z.boolean().describe('Whether sending waits for it; the others are recommended'),
  why: z.string(),
  status: z
    .enum(recordStatuses)
    .describe(
      '`ok-external`: right by a record of your own. `warning`: works today, but not for long. `unknown`: not checked yet, or DNS did not answer. `preparing`: its value is not known yet.',
    ),
  code: z.enum(recordCodes).nullable().describe('What is the matter, for machines; null for `ok`'),
  observed: z.array(z.string()).describe('What DNS answered at the last check'),
  hint: z.string().nullable().describe('What to change'),
  policy: z
    .object(dmarcPolicy)
    .optional()
    .describe('What a DMARC record of your own asks for, to be taken over as `dmarc`'),
  spf: spfTree
    .optional()
    .describe('The SPF record with all that it includes, where that is too much or broken'),
});

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
  hosting: z
    .enum(hostings)
    .describe(
      '`service`: its names point at ours by CNAME, and keys change by themselves. `self`: you host DKIM keys and DMARC policy as TXT records, and no key changes before your DNS shows it.',
    ),
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
      heldBack: z
        .object({ reason: z.string(), detail: z.string(), since: timestamp })
        .nullable()
        .describe('Why it could not move on to its next key when its turn came, and since when'),
      prepared: z
        .array(
          z.object({
            selector: z.string(),
            name: z.string().describe('The TXT record that is to be changed'),
            value: z.string().describe('What it is to say'),
            reason: z
              .enum(['rotation', 'compromise'])
              .describe(
                '`compromise`: the key that is there now is known to others; change it at once',
              ),
            since: timestamp,
            by: timestamp.describe('When it is best changed by; the present key signs until it is'),
          }),
        )
        .describe('Keys of a self-hosted domain that wait to be seen in its DNS'),
      disclosure: z
        .boolean()
        .describe('Whether private keys are published once they are retired; off unless you ask'),
    })
    .describe('Which of the three selectors does what; null where none does'),
  dmarc: z
    .object({
      ...dmarcPolicy,
      record: z.string().describe('The record we host'),
      plan: z
        .object({
          startsAt: timestamp,
          ceiling: disposition,
          consent: z
            .object({ reject: timestamp.nullable(), none: timestamp.nullable() })
            .describe('When you agreed'),
          confirmed: z.array(z.string()),
          ignored: z.array(z.string()),
          known: z
            .array(z.string())
            .describe('The sources whose mail counts: confirmed, or signed for the domain'),
          since: z
            .object({ p: timestamp, sp: timestamp })
            .describe('Since when each tag is what it is, as far as the plan knows'),
          held: z
            .object({ since: timestamp, why: z.string(), sources: z.array(z.string()) })
            .nullable()
            .describe('Why no step is taken: mail of your own fails'),
        })
        .nullable()
        .describe('The plan that raises the policy by what receivers report'),
      history: z
        .array(
          z.object({
            at: timestamp,
            tag: z.enum(['p', 'sp']),
            from: disposition,
            to: disposition,
            why: z.string(),
          }),
        )
        .describe('How p and sp came to be what they are, the last change last'),
    })
    .nullable()
    .describe('Null until DNS told which policy is in effect today'),
  spf: z.object({
    mechanisms: z.array(z.string()).describe('What you added to the service’s own senders'),
    all: z.enum(['~all', '-all', '?all']).describe('What becomes of all other senders'),
    flattened: z.array(flattenedInclude).describe('Includes that are published as addresses'),
    record: z.string().describe('The record we host; it may lead on to others of ours'),
    lookups: z
      .int()
      .describe(
        'What our part takes of the 10 look-ups, third parties’ includes counted as one each',
      ),
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
