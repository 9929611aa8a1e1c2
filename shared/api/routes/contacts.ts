import * as z from 'zod';
import { languages } from '#shared/core/model/contact.ts';
import { mailingEnds } from '#shared/core/model/hand-over.ts';
import { effectiveStates } from '#shared/core/model/recipient-batch.ts';
import { components, type Route } from './route.ts';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

const contactRequest = z
  .object({
    email: z.email().max(254).describe('In whatever case: one address is one contact'),
    name: z.string().trim().min(1).max(100).optional(),
    language: z
      .enum(languages)
      .optional()
      .describe('Of mails and of the page; English without one'),
    domains: z
      .array(z.string().max(1024))
      .min(1)
      .max(100)
      .describe('Domains of yours whose DNS the contact runs, in the place of another contact'),
  })
  .register(components, { id: 'ContactRequest' });

const contactDocument = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    language: z.enum(languages).nullable(),
    createdAt: timestamp,
    domains: z.array(z.object({ tenant: z.string(), name: z.string() })),
    links: z
      .array(
        z.object({
          createdAt: timestamp,
          expiresAt: timestamp,
          openedAt: timestamp.nullable().describe('When it was first opened'),
        }),
      )
      .describe('Those that open, oldest first; each mail has one of its own'),
    mails: z.array(
      z.object({
        day: z.int().describe('0 for the first mail, then the day of the reminder'),
        at: timestamp,
        message: z.string(),
        state: z.enum(effectiveStates),
        detail: z.string().nullable().describe('The words of the receiver'),
      }),
    ),
    nextMailAt: timestamp.nullable().describe('Null where no mail is to come'),
    ended: z
      .object({ why: z.enum(mailingEnds), at: timestamp })
      .nullable()
      .describe(
        'Why no mail is to come any more. `done`: nothing that sending waits for is left. `stopped`: by the contact. `undelivered`: a mail did not arrive',
      ),
  })
  .register(components, { id: 'Contact' });
export type ContactDocument = z.infer<typeof contactDocument>;

const contactPage = z
  .object({
    contacts: z.array(contactDocument),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'ContactPage' });

const handOverRequest = z
  .object({
    mail: z
      .boolean()
      .describe('Mails the contact a link now, and reminds on days 3, 10 and 30 until it is done'),
  })
  .register(components, { id: 'HandOverRequest' });

const handOverDocument = z
  .object({
    url: z.url().describe('Shows the records of all domains of the contact; given only this once'),
    expiresAt: timestamp,
    contact: contactDocument,
  })
  .register(components, { id: 'HandOver' });

/** The people who run the DNS of domains, and the links that they get. */
export const contacts = {
  createContact: {
    function: 'domains',
    method: 'POST',
    path: '/v1/contacts',
    scope: 'domains:write',
    summary: 'Say who runs the DNS of domains',
    description: 'A contact that there is gets the domains too.',
    body: contactRequest,
    answer: {
      status: 201,
      says: 'The contact',
      json: contactDocument,
      location: '/v1/contacts/{id}',
    },
    refusals: ['domain-invalid', 'not-found', 'forbidden'],
  },
  listContacts: {
    function: 'domains',
    method: 'GET',
    path: '/v1/contacts',
    scope: 'domains:read',
    acrossTenants: true,
    summary: 'List contacts',
    description: 'A platform key without a tenant lists those of the platform.',
    query: z.object({
      cursor: z.string().optional().describe('The `cursor` of the page before'),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    answer: { status: 200, says: 'A page, by id', json: contactPage },
    refusals: ['invalid-cursor'],
  },
  getContact: {
    function: 'domains',
    method: 'GET',
    path: '/v1/contacts/{contact}',
    scope: 'domains:read',
    acrossTenants: true,
    summary: 'Read a contact, its links and mails',
    answer: { status: 200, says: 'The contact', json: contactDocument },
    refusals: ['not-found'],
  },
  handOver: {
    function: 'domains',
    method: 'POST',
    path: '/v1/contacts/{contact}/links',
    scope: 'domains:write',
    acrossTenants: true,
    summary: 'Make a link to all domains of a contact',
    description:
      'Renews the links that open; a contact has 5 at a time, a sixth ends the oldest. With `mail` the service mails the contact by itself.',
    body: handOverRequest,
    answersSecret: true,
    answer: { status: 201, says: 'The link', json: handOverDocument },
    refusals: ['not-found', 'mail-not-offered'],
  },
  revokeHandOver: {
    function: 'domains',
    method: 'DELETE',
    path: '/v1/contacts/{contact}/links',
    scope: 'domains:write',
    acrossTenants: true,
    summary: 'Revoke the links of a contact',
    description: 'They open nothing any more, and no mail is to come.',
    answer: { status: 200, says: 'The contact', json: contactDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
