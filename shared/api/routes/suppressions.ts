import * as z from 'zod';
import { suppressionReasons } from '#shared/core/model/suppression.ts';
import { components, type Route } from './route.ts';

/** Addresses that one request puts on the list; a million take a hundred requests. */
const ADDRESSES_PER_REQUEST = 10_000;
/** Addresses of a page. */
const PAGE = { default: 100, max: 1_000 };

const reason = z
  .enum(suppressionReasons)
  .describe(
    '`bounce`: its server refused it for good. `complaint`: its reader reported mail of yours as spam. `manual`: you put it there.',
  );

const suppressionDocument = z
  .object({
    address: z.string().describe('In lower case; compared without case'),
    reason,
    addedAt: z.iso.datetime().describe('ISO 8601, UTC'),
    message: z.string().nullable().describe('The mail that bounced or was complained about'),
    detail: z.string().nullable().describe('The words of the receiver or of SES'),
  })
  .register(components, { id: 'Suppression' });

export type SuppressionDocument = z.infer<typeof suppressionDocument>;

const suppressionPage = z
  .object({
    suppressions: z.array(suppressionDocument).describe('In an order that stays, but says nothing'),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'SuppressionPage' });

const suppressionRequest = z
  .strictObject({
    suppressions: z
      .array(
        z.strictObject({
          address: z.string().describe('One bare address'),
          reason: reason.default('manual'),
        }),
      )
      .min(1)
      .max(ADDRESSES_PER_REQUEST),
  })
  .register(components, { id: 'SuppressionRequest' });

const suppressionsAdded = z
  .object({
    added: z.int().describe('Addresses that were not on the list'),
    known: z.int().describe('Addresses that were, and keep their reason'),
  })
  .register(components, { id: 'SuppressionsAdded' });

const pageQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(PAGE.max).default(PAGE.default),
});

/** The addresses that a tenant's mail is not sent to. */
export const suppressions = {
  listSuppressions: {
    function: 'suppressions',
    method: 'GET',
    path: '/v1/suppressions',
    scope: 'messages:read',
    summary: 'List the addresses that your mail is not sent to',
    description:
      'Addresses that bounced for good or complained come onto the list by themselves. To export it, follow the cursor.',
    query: pageQuery,
    answer: { status: 200, says: 'A page', json: suppressionPage },
    refusals: ['invalid-cursor'],
  },
  addSuppressions: {
    function: 'suppressions',
    method: 'POST',
    path: '/v1/suppressions',
    scope: 'messages:send',
    summary: 'Put addresses on your suppression list',
    description: `At most ${ADDRESSES_PER_REQUEST.toLocaleString('en')} at a time. All or none: one that is no address refuses the request. Sent again it changes nothing.`,
    body: suppressionRequest,
    answer: { status: 200, says: 'How many were added', json: suppressionsAdded },
    refusals: ['recipients-refused'],
  },
  getSuppression: {
    function: 'suppressions',
    method: 'GET',
    path: '/v1/suppressions/{address}',
    scope: 'messages:read',
    summary: 'Read why your mail is not sent to an address',
    answer: { status: 200, says: 'The entry', json: suppressionDocument },
    refusals: ['not-found'],
  },
  removeSuppression: {
    function: 'suppressions',
    method: 'DELETE',
    path: '/v1/suppressions/{address}',
    scope: 'messages:send',
    summary: 'Take an address off your suppression list',
    description:
      'Mail that is submitted from now on is sent to it. It comes back onto the list with its next bounce or complaint.',
    answer: { status: 200, says: 'The entry that was removed', json: suppressionDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
