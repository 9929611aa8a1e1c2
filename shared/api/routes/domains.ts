import * as z from 'zod';
import { hostings, purposes } from '#shared/core/model/claim.ts';
import { changeRequest } from './change-schemas.ts';
import { checkQueued, domainDocument, domainPage, overview } from './domain-schemas.ts';
import { onlyPart, recordFormats, recordsExport, recordsPage } from './record-schemas.ts';
import { components, type Route } from './route.ts';

const claimRequest = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .describe('The domain, in any case, with or without a trailing dot, in U-labels or A-labels'),
    hosting: z
      .enum(hostings)
      .optional()
      .describe(
        'Who hosts its DKIM keys and DMARC policy: `service`, which is the default, `self` where you can’t or won’t create CNAME records, or `delegated`, where one NS record gives a whole subdomain to the service; that cannot be changed later',
      ),
    purpose: z
      .enum(purposes)
      .optional()
      .describe(
        '`sending`, which is the default, or `parked` for a domain that sends no mail: no keys, and receivers are asked to reject its mail. It cannot be changed later.',
      ),
  })
  .refine(({ hosting = 'service', purpose }) => hosting === 'service' || purpose !== 'parked', {
    path: ['hosting'],
    message: 'a parked domain has no keys to host; leave it out',
  })
  .register(components, { id: 'ClaimRequest' });

const pageQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  prefix: z
    .string()
    .max(253)
    .toLowerCase()
    .optional()
    .describe('Only domains whose name, in A-labels, begins with this'),
});

const recordsPageQuery = pageQuery.extend({
  format: z.enum(['json', 'csv']).default('json'),
  only: onlyPart,
});

const recordsQuery = z.object({
  format: z.enum(recordFormats).default('json'),
  only: onlyPart,
});

const overviewQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});

/** Domains themselves: what a tenant claims, changes and checks. */
export const domains = {
  claimDomain: {
    function: 'domains',
    method: 'POST',
    path: '/v1/domains',
    scope: 'domains:write',
    summary: 'Claim a domain',
    description:
      'Answers with the records to publish in the DNS of the domain; they prove that it is yours. Claiming a domain that is being deleted undoes the deletion. Others may claim the same domain: DNS decides.',
    body: claimRequest,
    answer: { status: 201, says: 'Claimed', json: domainDocument, location: '/v1/domains/{name}' },
    refusals: [
      'domain-invalid',
      'domain-is-public-suffix',
      'domain-not-claimable',
      'domain-already-claimed',
      'dmarc-invalid',
      'too-many-pending-claims',
      'no-capacity',
      'delegation-not-offered',
    ],
  },
  listDomains: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains',
    scope: 'domains:read',
    summary: 'List your domains, by name',
    query: pageQuery,
    answer: { status: 200, says: 'A page', json: domainPage },
    refusals: ['invalid-cursor'],
  },
  readOverview: {
    function: 'domains',
    method: 'GET',
    path: '/v1/overview',
    scope: 'domains:read',
    summary: 'List all your domains in short, with what became of their mail',
    description:
      'By name, 1,000 a page, for lists that are searched and filtered where they are shown: status and its reason, policy, rotation, and the mail of the last 7 days. It has no records; read a domain for these.',
    query: overviewQuery,
    answer: { status: 200, says: 'A page', json: overview },
    refusals: ['invalid-cursor'],
  },
  getDomain: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}',
    scope: 'domains:read',
    summary: 'Read a domain',
    answer: { status: 200, says: 'The domain', json: domainDocument },
    refusals: ['not-found'],
  },
  changeDomain: {
    function: 'domains',
    method: 'PATCH',
    path: '/v1/domains/{name}',
    scope: 'domains:write',
    summary: 'Change the SPF and DMARC records that we host for a domain, and who hosts its keys',
    description:
      'What is published follows within minutes; you change nothing in your DNS. Mechanisms are ip4, ip6, a, mx, include and exists. A change that receivers would count as an error is refused.',
    body: changeRequest,
    answer: { status: 200, says: 'Changed', json: domainDocument },
    refusals: [
      'not-found',
      'domain-deleting',
      'spf-invalid',
      'spf-too-long',
      'spf-too-many-lookups',
      'dmarc-invalid',
      'cnames-not-seen',
      'domain-parked',
      'domain-delegated',
    ],
  },
  deleteDomain: {
    function: 'domains',
    method: 'DELETE',
    path: '/v1/domains/{name}',
    scope: 'domains:write',
    summary: 'Delete a domain',
    description:
      'Nothing is sent for it from then on. What it points at stays published for 7 days, in which claiming it again undoes the deletion; afterwards its keys are revoked. A domain that was never verified, and that nothing points at, goes at once.',
    answer: { status: 202, says: 'Being deleted', json: domainDocument },
    refusals: ['not-found'],
  },
  checkDomain: {
    function: 'domains',
    method: 'POST',
    path: '/v1/domains/{name}/checks',
    scope: 'domains:read',
    summary: 'Check the records of a domain now',
    description:
      'Queues a check and waits up to 2 seconds for its result. A 202 says that the check has not ended: read the domain until its `checkedAt` is later than the one in the answer. One check of a domain begins in 2 seconds. Checks run on their own too.',
    answer: { status: 200, says: 'The domain, as the check left it', json: domainDocument },
    unfinished: {
      status: 202,
      says: 'The check is queued; `checkedAt` is of the last one that ended, `Location` the domain',
      json: checkQueued,
      location: '/v1/domains/{name}',
    },
    refusals: ['not-found', 'domain-deleting'],
    audited: false,
  },
  exportRecords: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/records',
    scope: 'domains:read',
    summary: 'Export the records of a domain that remain to be done',
    description:
      'None that is `ok` or `ok-external`. What is in the DNS of the domain at the moment decides what each format says of a record: whether it is created, added to a record set, or left to you.',
    query: recordsQuery,
    answer: {
      status: 200,
      says: 'The records; `bind` is a zone file (RFC 1035) to be added to the domain’s zone, `cloudflare` the same for its import, `route53` a change batch in JSON, `terraform` a map of the records with resources for Route 53, `csv` a table (RFC 4180)',
      json: recordsExport,
      text: ['text/dns', 'text/plain', 'text/csv'],
    },
    refusals: ['not-found'],
  },
  exportAllRecords: {
    function: 'domains',
    method: 'GET',
    path: '/v1/records',
    scope: 'domains:read',
    summary: 'Export the records of your domains that remain to be done',
    description:
      'A page of domains by name, with the filters of `GET /v1/domains`, as their last checks saw them. With `format=csv` the next page is in the `Link` field of the answer (`rel="next"`), and each page has the header line.',
    query: recordsPageQuery,
    answer: {
      status: 200,
      says: 'A page; `csv` is a table of the records (RFC 4180)',
      json: recordsPage,
      text: ['text/csv'],
    },
    refusals: ['invalid-cursor'],
  },
} as const satisfies Record<string, Route>;
