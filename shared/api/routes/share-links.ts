import * as z from 'zod';
import { languages } from '#shared/core/model/contact.ts';
import { domainConnectDocument } from './domain-connect.ts';
import { checkQueued } from './domain-schemas.ts';
import { checkedAt, onlyPart, progress, recordFormats, recordsExport } from './record-schemas.ts';
import { components, type Route } from './route.ts';

const expiresAt = z.iso.datetime().describe('When the link ends; ISO 8601, UTC');

const shareLinkDocument = z
  .object({
    id: z.string().describe('Names the link; does not open it'),
    createdAt: z.iso.datetime().nullable().describe('Null for links made before December 2026'),
    expiresAt,
  })
  .register(components, { id: 'ShareLink' });

const newShareLink = shareLinkDocument
  .extend({
    url: z
      .url()
      .describe(
        'Shows the records and their status to whoever has it; given only this once. The secret is in its fragment, which browsers send to no server',
      ),
  })
  .register(components, { id: 'NewShareLink' });

const shareLinkList = z
  .object({ links: z.array(shareLinkDocument).describe('Those that open, oldest first') })
  .register(components, { id: 'ShareLinkList' });

const sharedRecordsDocument = recordsExport
  .extend({ progress, expiresAt })
  .register(components, { id: 'SharedRecords' });

const sharedDomains = z
  .object({
    expiresAt,
    name: z.string().nullable().describe('Of the contact that the link was made for'),
    reminds: z.boolean().describe('Whether the contact is mailed reminders'),
    domains: z.array(
      z.object({
        name: z.string(),
        zone: z.string().describe('The name that DNS providers mostly add to each name'),
        status: z.enum(['pending', 'verified', 'at-risk', 'lost']),
        progress,
        checkedAt,
      }),
    ),
  })
  .register(components, { id: 'SharedDomains' });

const whereDnsIs = z
  .object({
    zone: z.string().nullable().describe('Null where DNS does not show it'),
    provider: z.string().nullable().describe('One of the largest, where it is'),
    nameServers: z.array(z.string()),
  })
  .register(components, { id: 'WhereDnsIs' });

const stopped = z
  .object({ reminds: z.literal(false) })
  .register(components, { id: 'RemindersStopped' });

/** Without a format a browser is sent to the page, anybody else is answered in JSON. */
const sharedQuery = z.object({ format: z.enum(recordFormats).optional() });

const token = z.string().max(200).describe('The fragment of the link, without `#`');
const sharedToken = z.object({ token }).register(components, { id: 'SharedToken' });
const sharedKey = z
  .object({
    token,
    domain: z.string().max(253).optional().describe('One of the domains behind the link'),
  })
  .register(components, { id: 'SharedKey' });
const sharedExport = sharedKey
  .extend({ format: z.enum(recordFormats), only: onlyPart })
  .register(components, { id: 'SharedExport' });

const pageQuery = z.object({
  lang: z
    .string()
    .max(35)
    .optional()
    .describe(`The language: ${languages.join(', ')}; without one of these that of the browser`),
});

const ofLink = {
  function: 'domains',
  scope: null,
  refusals: ['not-found'],
} as const satisfies Partial<Route>;

/** Links that show the records of a domain to the people who run its DNS. */
export const shareLinks = {
  createShareLink: {
    function: 'domains',
    method: 'POST',
    path: '/v1/domains/{name}/share-links',
    scope: 'domains:write',
    summary: 'Make a link that shows the records of a domain',
    description:
      'For whoever runs the DNS: read-only, without an API key, for 180 days unless the operator set another time. A domain has 5 at a time; a sixth ends the oldest.',
    answersSecret: true,
    answer: { status: 201, says: 'Made', json: newShareLink },
    refusals: ['not-found', 'domain-deleting'],
  },
  listShareLinks: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/share-links',
    scope: 'domains:read',
    summary: 'List the links that show the records of a domain',
    answer: { status: 200, says: 'The links that open', json: shareLinkList },
    refusals: ['not-found'],
  },
  renewShareLink: {
    function: 'domains',
    method: 'POST',
    path: '/v1/domains/{name}/share-links/{link}/renewals',
    scope: 'domains:write',
    summary: 'Have a link open for as long as a new one',
    description: 'Its address stays the same.',
    answer: { status: 200, says: 'Renewed', json: shareLinkDocument },
    refusals: ['not-found', 'domain-deleting'],
  },
  revokeShareLink: {
    function: 'domains',
    method: 'DELETE',
    path: '/v1/domains/{name}/share-links/{link}',
    scope: 'domains:write',
    summary: 'Revoke a link',
    description: 'It opens nothing any more.',
    answer: { status: 200, says: 'The links that still open', json: shareLinkList },
    refusals: ['not-found'],
  },
  readSharedPage: {
    ...ofLink,
    method: 'GET',
    path: '/v1/hand-over',
    summary: 'Show the page behind links',
    description:
      'The same for every link: the secret is in the fragment of its address, and the page sends it in bodies alone.',
    query: pageQuery,
    answer: { status: 200, says: 'The page, in a language', text: ['text/html'] },
    refusals: [],
  },
  readSharedDomains: {
    ...ofLink,
    method: 'POST',
    path: '/v1/hand-over',
    summary: 'Read the domains behind a link',
    body: sharedToken,
    answer: { status: 200, says: 'The domains, and how far each is', json: sharedDomains },
    audited: false,
  },
  readSharedDomain: {
    ...ofLink,
    method: 'POST',
    path: '/v1/hand-over/records',
    summary: 'Read the records of a domain behind a link',
    body: sharedKey,
    answer: { status: 200, says: 'The records, and their status', json: sharedRecordsDocument },
    audited: false,
  },
  checkSharedDomain: {
    ...ofLink,
    method: 'POST',
    path: '/v1/hand-over/checks',
    summary: 'Check the records of a domain behind a link now',
    description:
      'As a check of the domain does; the page calls it while it is visible and something remains to be done.',
    body: sharedKey,
    answer: {
      status: 200,
      says: 'The records, as the check left them',
      json: sharedRecordsDocument,
    },
    unfinished: {
      status: 202,
      says: 'The check is queued; `checkedAt` is of the last one that ended',
      json: checkQueued,
    },
    refusals: ['not-found', 'domain-deleting', 'domain-invalid'],
    audited: false,
  },
  exportSharedDomain: {
    ...ofLink,
    method: 'POST',
    path: '/v1/hand-over/exports',
    summary: 'Export the records of a domain behind a link that remain to be done',
    body: sharedExport,
    answer: {
      status: 200,
      says: 'As an export of the domain',
      json: recordsExport,
      text: ['text/dns', 'text/plain', 'text/csv'],
    },
    refusals: ['not-found', 'domain-invalid'],
    audited: false,
  },
  connectSharedDomain: {
    ...ofLink,
    method: 'POST',
    path: '/v1/hand-over/domain-connect',
    summary: 'Have the DNS provider of a domain behind a link create its records',
    description: 'As `GET /v1/domains/{name}/domain-connect`, without a return to the dashboard.',
    body: sharedKey,
    answer: { status: 200, says: 'Whether it can, and where', json: domainConnectDocument },
    refusals: ['not-found', 'domain-deleting', 'domain-invalid'],
    audited: false,
  },
  readWhereDnsIs: {
    ...ofLink,
    method: 'POST',
    path: '/v1/hand-over/dns',
    summary: 'Read where the DNS of a domain behind a link is managed',
    body: sharedKey,
    answer: { status: 200, says: 'The name servers of its zone', json: whereDnsIs },
    refusals: ['not-found', 'domain-invalid'],
    audited: false,
  },
  stopReminders: {
    ...ofLink,
    method: 'POST',
    path: '/v1/hand-over/reminders',
    summary: 'Stop the reminders of the contact that a link was made for',
    body: sharedToken,
    answer: { status: 200, says: 'Stopped', json: stopped },
  },
  readSharedRecords: {
    ...ofLink,
    method: 'GET',
    path: '/v1/shared/{token}',
    summary: 'Read the records behind a link of an earlier release',
    description:
      'A browser is sent to the page; `format` gives those that remain to be done, as an export does.',
    query: sharedQuery,
    answer: {
      status: 200,
      says: 'The records, and their status',
      json: sharedRecordsDocument,
      text: ['text/dns', 'text/plain', 'text/csv'],
    },
  },
  checkSharedRecords: {
    ...ofLink,
    method: 'POST',
    path: '/v1/shared/{token}/checks',
    summary: 'Check the records behind a link of an earlier release',
    answer: {
      status: 200,
      says: 'The records, as the check left them',
      json: sharedRecordsDocument,
    },
    unfinished: {
      status: 202,
      says: 'The check is queued; `checkedAt` is of the last one that ended',
      json: checkQueued,
    },
    refusals: ['not-found', 'domain-deleting'],
    audited: false,
  },
} as const satisfies Record<string, Route>;
