import * as z from 'zod';
import { languages } from '#shared/core/model/contact.ts';
import { MOST_NOTICE_RECIPIENTS, noticeKindNames } from '#shared/core/model/notice.ts';
import { components, type Route } from './route.ts';

const recipient = z
  .strictObject({
    email: z.email().max(254),
    language: z.enum(languages).default('en'),
    kinds: z
      .array(z.enum(noticeKindNames))
      .refine((given) => new Set(given).size === given.length, 'names a kind twice')
      .describe('The kinds of notice that are switched on; `[]` pauses all'),
  })
  .register(components, { id: 'NoticeRecipient' });

const noticesChange = z
  .strictObject({
    recipients: z
      .array(recipient)
      .max(MOST_NOTICE_RECIPIENTS)
      .refine(
        (given) => new Set(given.map(({ email }) => email.toLowerCase())).size === given.length,
        'names an address twice',
      )
      .describe('In the place of those before'),
    revision: z
      .int()
      .optional()
      .describe('As it was read: the change is refused where another came first'),
  })
  .register(components, { id: 'NoticesChange' });

const noticesDocument = z
  .object({
    recipients: z.array(recipient),
    revision: z.int(),
    offered: z
      .boolean()
      .describe('False where the operator of the service sends no mails; nobody is mailed then'),
  })
  .register(components, { id: 'Notices' });
export type NoticesDocument = z.infer<typeof noticesDocument>;

/** Routes of the mails about what needs somebody. */
export const notices = {
  readNotices: {
    function: 'webhook-settings',
    method: 'GET',
    path: '/v1/notices',
    scope: 'domains:read',
    summary: 'Read who is mailed what needs somebody',
    description:
      'Kinds: `at-risk` (records broke, were never seen, or are right again), `lost`, `rotation-blocked`, `sending-paused` (mail waits, is slowed or paused), `dmarc-step`, `access-changed` (API keys and users).',
    answer: { status: 200, says: 'The recipients', json: noticesDocument },
    refusals: [],
  },
  changeNotices: {
    function: 'webhook-settings',
    method: 'PATCH',
    path: '/v1/notices',
    scope: 'domains:write',
    summary: 'Change who is mailed what needs somebody',
    description:
      'Up to 10 addresses, each in its language with its kinds. What happens within two minutes is one mail a kind; after the first within an hour, within 15 minutes. `access-changed` takes the scopes `keys` and `users`, too: nobody is mailed what the caller may not read.',
    body: noticesChange,
    answer: { status: 200, says: 'The recipients', json: noticesDocument },
    refusals: ['forbidden', 'settings-changed', 'mail-not-offered'],
  },
} as const satisfies Record<string, Route>;
