import * as z from 'zod';
import { recordFormats, recordsExport } from './record-schemas.ts';
import { components, type Route } from './route.ts';

const expiresAt = z.iso.datetime().describe('When the link ends; ISO 8601, UTC');

const shareLinkDocument = z
  .object({
    url: z
      .url()
      .describe('Shows the records, and how they stand, to whoever has it; given only this once'),
    expiresAt,
  })
  .register(components, { id: 'ShareLink' });

const sharedRecordsDocument = recordsExport
  .extend({ expiresAt })
  .register(components, { id: 'SharedRecords' });

/** Without a format a browser is shown a page, anybody else JSON. */
const sharedQuery = z.object({ format: z.enum(recordFormats).optional() });

/** Links that show the records of a domain to the people who run its DNS. */
export const shareLinks = {
  createShareLink: {
    function: 'domains',
    method: 'POST',
    path: '/v1/domains/{name}/share-links',
    scope: 'domains',
    summary: 'Make a link that shows the records of a domain',
    description:
      'For whoever runs the DNS: read-only, without an API key, for 14 days. A domain has 5 at a time; a sixth ends the oldest.',
    answer: { status: 201, says: 'Made', json: shareLinkDocument },
    refusals: ['not-found', 'domain-deleting'],
  },
  readSharedRecords: {
    function: 'domains',
    method: 'GET',
    path: '/v1/shared/{token}',
    scope: null,
    summary: 'Read the records behind a link',
    description:
      'A browser is shown a page; `format` gives those that remain to be done, as an export does.',
    query: sharedQuery,
    answer: {
      status: 200,
      says: 'The records, and how they stand',
      json: sharedRecordsDocument,
      text: ['text/html', 'text/dns', 'text/plain', 'text/csv'],
    },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
