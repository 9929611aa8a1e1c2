import * as z from 'zod';
import { RECIPIENTS_PER_MESSAGE } from '#shared/core/model/message.ts';
import { components } from './route.ts';

/** Text that becomes part of a header field: no line end or other control character can be in it. */
const oneLine = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not have line ends or control characters');

const mailbox = z.union(
  [oneLine(1_000), z.strictObject({ address: oneLine(320), name: oneLine(600).optional() })],
  {
    error: 'must be "ann@example.com", "Ann <ann@example.com>" or {"address", "name"}, in one line',
  },
);

const mailboxes = z.union([mailbox, z.array(mailbox).max(RECIPIENTS_PER_MESSAGE)], {
  error: `must be a mailbox ("Ann <ann@example.com>" or {"address", "name"}), or a list of at most ${RECIPIENTS_PER_MESSAGE}`,
});

export const envelope = z
  .strictObject({
    recipients: z
      .array(z.string().max(320))
      .min(1)
      .max(RECIPIENTS_PER_MESSAGE)
      .describe('Addresses, `user@domain`; nobody else gets the mail'),
  })
  .describe('Without it the mail goes to its To, Cc and Bcc')
  .register(components, { id: 'Envelope' });

const attachment = z.strictObject({
  filename: oneLine(255).min(1),
  contentType: z
    .string()
    .regex(
      /^(?!multipart\/)[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(; ?[\w-]+="?[\w .+-]+"?){0,5}$/i,
      'must be a media type such as image/png, and not multipart',
    )
    .optional()
    .describe('Without it, by the ending of the file name'),
  content: z.base64().optional().describe('The file in base64; or else `upload`'),
  upload: z.string().optional().describe('The id of an upload (`POST /v1/uploads`)'),
  contentId: z
    .string()
    .regex(/^[\w.+@-]{1,200}$/, 'must be letters, digits and . _ + @ -')
    .optional()
    .describe('For `<img src="cid:...">` in `html`'),
});

/** Fields that the mail has from other fields of the request, or that are not the author's to write. */
const RESERVED =
  /^(from|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*|received|return-path|dkim-signature|x-ses-.*)$/i;

const headerName = z
  .string()
  .regex(/^[\x21-\x39\x3b-\x7e]{1,76}$/, 'is no name of a header field')
  .refine((name) => !RESERVED.test(name), 'is a field that `headers` cannot have');

const headers = z.union([
  z.record(headerName, oneLine(10_000)),
  z.array(z.strictObject({ name: headerName, value: oneLine(10_000) })).max(100),
]);

export const mailRequest = z
  .strictObject({
    from: mailbox.describe('A mailbox of a verified domain of yours'),
    to: mailboxes.optional(),
    cc: mailboxes.optional(),
    bcc: mailboxes.optional().describe('Gets the mail, and is not named in it'),
    replyTo: mailboxes.optional().describe('Also `reply_to`'),
    subject: oneLine(2_000).optional(),
    text: z.string().optional(),
    html: z.string().optional(),
    attachments: z
      .array(attachment)
      .max(100)
      .optional()
      .describe('Their fields also as `content_type` and `content_id`'),
    headers: headers
      .optional()
      .describe(
        'Further fields, by name, or a list of `{name, value}`: `List-Unsubscribe`, `X-...`',
      ),
    envelope: envelope.optional(),
  })
  .register(components, { id: 'MailRequest' });

export const uploadedMailRequest = z
  .strictObject({
    upload: z.string().describe('The id of an upload that is a mail (RFC 5322)'),
    envelope: envelope.optional(),
  })
  .register(components, { id: 'UploadedMailRequest' });

export const messageRequest = z
  .union([mailRequest, uploadedMailRequest])
  .register(components, { id: 'MessageRequest' });

export const multipartMessage = z
  .object({
    envelope: envelope.describe('A part of JSON'),
    message: z.string().describe('The mail (RFC 5322), a part with a file name'),
  })
  .register(components, { id: 'MultipartMessage' });

export type MailRequest = z.output<typeof mailRequest>;
export type MailboxRequest = z.output<typeof mailbox>;
