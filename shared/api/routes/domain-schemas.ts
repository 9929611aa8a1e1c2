import * as z from 'zod';
import { hostings, purposes } from '#shared/core/model/claim.ts';
import { standings } from '#shared/core/model/reputation.ts';
import { checkedAt, customerRecord, disposition, dmarcPolicy, progress } from './record-schemas.ts';
import { components } from './route.ts';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');
const flattenedInclude = z.object({
  include: z.string(),
  addresses: z
    .array(z.string())
    .optional()
    .describe('What is published in its place; absent until two queries agreed'),
  since: z.iso.datetime().optional(),
});

const selector = z.string().nullable();

/** How long a status holds, why, and what follows. */
export const standing = {
  statusSince: timestamp.describe('Since when it has this status'),
  statusReason: z
    .object({
      reason: z.string().describe('The `code` of the record that broke, or as in `domain.at_risk`'),
      detail: z.string().describe('What to do'),
    })
    .nullable()
    .describe('Why it is `at-risk` or `lost`; null otherwise'),
  lostAt: timestamp
    .nullable()
    .describe(
      'When it is lost, and its mail stops, if none of its keys is found by then; null while one is',
    ),
};

export const domainDocument = z
  .object({
    name: z.string().describe('In A-labels, lower case'),
    status: z
      .enum(['pending', 'verified', 'at-risk', 'lost'])
      .describe(
        '`pending`: not proven yet. `verified`: yours, and mail can be signed. `at-risk`: a record broke; mail is still signed. `lost`: another account proved the domain, or it was broken for 7 days; nothing is sent.',
      ),
    ...standing,
    sending: z
      .enum(['preparing', 'ready', 'failed', 'held', 'none'])
      .describe(
        'The SES identity; `preparing` until the domain is verified, `held` while it waits for the operator of the service, who was notified, `none` where it is parked',
      ),
    lifecycle: z
      .enum(['live', 'deleting'])
      .describe('`deleting`: nothing is sent; claiming the domain again within 7 days undoes it'),
    deletedAt: timestamp.optional(),
    hosting: z
      .enum(hostings)
      .describe(
        '`service`: its names point at ours by CNAME, and keys change by themselves. `self`: you host DKIM keys and DMARC policy as TXT records, and no key changes before your DNS shows it. `delegated`: one NS record gives the subdomain to a zone that we keep.',
      ),
    purpose: z.enum(purposes).describe('`parked`: nothing is sent from it'),
    problem: z
      .object({ detail: z.string(), since: timestamp })
      .optional()
      .describe('Why our own DNS does not show the domain’s records as they should be'),
    records: z
      .array(customerRecord)
      .describe('What to publish in the DNS of the domain, the required records first'),
    progress,
    checkedAt,
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
      .describe('Null until DNS answered which policy is in effect today'),
    spf: z.object({
      mechanisms: z.array(z.string()).describe('What you added to the service’s own senders'),
      all: z.enum(['~all', '-all', '?all']).describe('What becomes of all other senders'),
      flattened: z.array(flattenedInclude).describe('Includes that are published as addresses'),
      record: z.string().describe('The record we host; it may lead on to others of ours'),
      lookups: z
        .int()
        .describe(
          'What our part takes of the 10 DNS lookups, third parties’ includes counted as one each',
        ),
    }),
    createdAt: timestamp,
    verifiedAt: timestamp.nullable().describe('When the domain was first verified'),
    expiresAt: timestamp
      .nullable()
      .describe(
        'When the service stops to wait for the first record; null once it saw one. Claimed again, the domain has the same records',
      ),
  })
  .register(components, { id: 'Domain' });

export const checkQueued = z
  .object({ name: z.string(), checkedAt })
  .register(components, { id: 'CheckQueued' });

export const domainPage = z
  .object({
    domains: z.array(domainDocument),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'DomainPage' });

const recentMail = z
  .object({
    outcomes: z.int().describe('Recipients who got the mail, bounced or complained'),
    bounced: z.int().describe('Those who bounced for good'),
    complained: z.int().describe('Those who reported it as spam'),
    standing: z
      .enum(standings)
      .describe('`slowed`: sent after the mail of others. `paused`: waits for the operator.'),
  })
  .describe('What became of mail in the last 7 days, UTC, today among them')
  .register(components, { id: 'RecentMail' });

const domainInShort = z
  .object({
    name: z.string(),
    status: domainDocument.shape.status,
    ...standing,
    lifecycle: domainDocument.shape.lifecycle,
    hosting: domainDocument.shape.hosting,
    purpose: domainDocument.shape.purpose,
    dmarc: disposition.nullable().describe('`p` of its policy; null where it is not known yet'),
    policyHeld: z
      .boolean()
      .describe('Whether its DMARC plan takes no step, since mail of your own fails'),
    selector: selector.describe('The selector that signs; null where none does'),
    rotatesAt: timestamp.nullable(),
    mail: recentMail,
  })
  .register(components, { id: 'DomainInShort' });

export const overview = z
  .object({
    domains: z.array(domainInShort),
    mail: recentMail.describe('Of the account as a whole'),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'Overview' });

export type DomainInShort = z.infer<typeof domainInShort>;
export type OverviewDocument = z.infer<typeof overview>;

export type DomainDocument = z.infer<typeof domainDocument>;
