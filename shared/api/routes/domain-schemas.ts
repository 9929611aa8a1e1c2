import * as z from 'zod';
import { hostings, purposes } from '#shared/core/model/claim.ts';
import { customerRecord, disposition, dmarcPolicy } from './record-schemas.ts';
import { components } from './route.ts';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');
const flattenedInclude = z.object({
  include: z.string(),
  addresses: z
    .array(z.string())
    .optional()
    .describe('What is published in its place; absent until two looks agreed'),
  since: z.iso.datetime().optional(),
});

const selector = z.string().nullable();

export const domainDocument = z
  .object({
    name: z.string().describe('In A-labels, lower case'),
    status: z
      .enum(['pending', 'verified', 'at-risk', 'lost'])
      .describe(
        '`pending`: not proven yet. `verified`: yours, and mail can be signed. `at-risk`: a record broke; mail is still signed. `lost`: another account proved the domain, or it was broken for 7 days; nothing is sent.',
      ),
    sending: z
      .enum(['preparing', 'ready', 'failed', 'none'])
      .describe(
        'The SES identity; `preparing` until the domain is verified, `none` where it is parked',
      ),
    lifecycle: z
      .enum(['live', 'deleting'])
      .describe('`deleting`: nothing is sent; claiming the domain again within 7 days undoes it'),
    deletedAt: timestamp.optional(),
    hosting: z
      .enum(hostings)
      .describe(
        '`service`: its names point at ours by CNAME, and keys change by themselves. `self`: you host DKIM keys and DMARC policy as TXT records, and no key changes before your DNS shows it.',
      ),
    purpose: z.enum(purposes).describe('`parked`: nothing is sent from it'),
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
              by: timestamp.describe(
                'When it is best changed by; the present key signs until it is',
              ),
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
        start: z
          .string()
          .nullable()
          .describe(
            'What the policy that it started with changed for your mail: nothing, or what and why; null where it was not noted',
          ),
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
  })
  .register(components, { id: 'Domain' });

export const domainPage = z
  .object({
    domains: z.array(domainDocument),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'DomainPage' });

export type DomainDocument = z.infer<typeof domainDocument>;
