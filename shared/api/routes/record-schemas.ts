import * as z from 'zod';
import { recordStatuses } from '#shared/core/model/check.ts';
import { recordCodes } from '#shared/core/records/codes.ts';
import { recordPurposes } from '#shared/core/records/customer-records.ts';
import { components } from './route.ts';

export const disposition = z.enum(['none', 'quarantine', 'reject']);

/** The tags of a DMARC policy (RFC 9989 §4.7). */
export const dmarcPolicy = {
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
  lookups: z.int().describe('Terms that cause DNS lookups, itself and all below; 10 at most'),
  voidLookups: z.int().describe('Look-ups that find nothing; 2 at most'),
};

const spfNode = z.object({
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
components.add(spfNode, { id: 'SpfNode' });

const spfTree = z.object({ root: spfNode, ...counts }).register(components, { id: 'SpfTree' });

export const recordFormats = ['json', 'bind', 'route53', 'cloudflare', 'terraform', 'csv'] as const;
export type RecordFormat = (typeof recordFormats)[number];

/** The records of one part only. */
export const onlyPart = z
  .enum(['required', 'recommended'])
  .optional()
  .describe('Only the records that sending waits for, or only the others');
export type OnlyPart = z.infer<typeof onlyPart>;

const part = z.object({ right: z.int(), total: z.int() });

export const progress = z
  .object({
    required: part.describe('Of the records that sending waits for: what progress is measured by'),
    recommended: part,
  })
  .describe('How many records are right (`ok`, `ok-external`, `warning`), of how many');

export const customerRecord = z
  .object({
    id: z.string().describe('Stable for the life of the claim: `dkim-zero`, `spf`'),
    purpose: z.enum(recordPurposes),
    name: z.string().describe('Full name, without a trailing dot'),
    type: z.enum(['CNAME', 'MX', 'NS', 'TXT']),
    value: z
      .string()
      .describe(
        'The value to publish at the name. Where it has an SPF record already, that with our include in it; empty while it is being prepared, and where SPF must be corrected by hand first, as `hint` says',
      ),
    required: z.boolean().describe('Whether sending waits for it; the others are recommended'),
    why: z.string(),
    status: z
      .enum(recordStatuses)
      .describe(
        '`ok-external`: right by a record of your own. `warning`: works, but not for long, or lets others do harm. `unknown`: not checked yet, or DNS did not answer. `preparing`: its value is not known yet.',
      ),
    code: z
      .enum(recordCodes)
      .nullable()
      .describe('What is the matter, for machines; null for `ok`'),
    observed: z.array(z.string()).describe('What DNS answered at the last check'),
    hint: z.string().nullable().describe('What to change'),
    corrected: z
      .string()
      .optional()
      .describe(
        'Your own DMARC record with its mistakes corrected, to be put as TXT in place of the one observed; no receiver is stricter by it',
      ),
    correction: z
      .object({
        value: z.string().describe('The text to publish: `value` of SPF, `corrected` of DMARC'),
        changes: z.array(
          z.object({
            kind: z.enum(['added', 'removed']),
            text: z.string(),
            at: z
              .int()
              .describe(
                'Where it begins, in UTF-16 code units: in the text to publish, or in the one observed',
              ),
            observed: z
              .int()
              .optional()
              .describe('Of what is removed: the index of the text in `observed`'),
          }),
        ),
      })
      .optional()
      .describe(
        'Your own SPF or DMARC text with its mistakes corrected, and the terms that differ; each once, however often it is there',
      ),
    policy: z
      .object(dmarcPolicy)
      .optional()
      .describe('What a DMARC record of your own asks for, to be taken over as `dmarc`'),
    spf: spfTree
      .optional()
      .describe('The SPF record with all that it includes, where that is too much or broken'),
  })
  .register(components, { id: 'Record' });

export const checkedAt = z.iso
  .datetime()
  .nullable()
  .describe(
    'When the check began that saw the records so; ISO 8601, UTC; null before the first check',
  );

export const recordsExport = z
  .object({
    name: z.string(),
    checkedAt,
    records: z
      .array(customerRecord)
      .describe('Those that remain to be done: none that is `ok` or `ok-external`'),
  })
  .register(components, { id: 'RecordsExport' });

export const recordsPage = z
  .object({
    domains: z.array(recordsExport),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'RecordsPage' });

export type RecordDocument = z.infer<typeof customerRecord>;
