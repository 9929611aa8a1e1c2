import * as z from 'zod';
import { languages } from '#shared/core/model/contact.ts';
import { components } from './route.ts';

/** Text that goes into mails and pages: one line, no control characters. */
const oneLine = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not have line ends or control characters');

const email = z.email('must be a mail address').max(254);
const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https URL' }).max(2_000);
const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour as #1a73e8');

/** The most people of one tenant. */
const MOST_CONTACTS = 20;

export const contactDetails = z
  .strictObject({
    email,
    name: oneLine(200).optional(),
    language: z.enum(languages).optional().describe('The language to write in'),
  })
  .register(components, { id: 'ContactDetails' });

export const contacts = z
  .array(contactDetails)
  .max(MOST_CONTACTS)
  .describe('The people who run the DNS of its domains, where a domain has none of its own');

export const brand = z
  .strictObject({
    name: oneLine(100).optional().describe('In the place of the service’s own'),
    logoUrl: httpsUrl.optional(),
    colors: z.strictObject({ primary: color.optional(), background: color.optional() }).optional(),
    support: z
      .union([email, httpsUrl], { error: 'must be a mail address or an https URL' })
      .optional()
      .describe('Who helps'),
    sender: z
      .strictObject({ name: oneLine(100).optional(), email })
      .optional()
      .describe('The From of notices'),
  })
  .register(components, { id: 'Brand' });
