import * as z from 'zod';
import { maxSubmittedOctets, sesExit } from '#shared/core/mail/exit.ts';
import { UPLOAD_SECONDS } from '#shared/app/ports/uploads.ts';
import { components, type Route } from './route.ts';

const uploadRequest = z
  .strictObject({
    size: z
      .int()
      .min(1)
      .describe(`Octets of the content; at most ${maxSubmittedOctets(sesExit)}`),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in lower case')
      .optional()
      .describe('SHA-256 of the content: other content is not taken'),
  })
  .register(components, { id: 'UploadRequest' });

const upload = z
  .object({
    id: z.string().describe('For `upload` in `POST /v1/messages`'),
    method: z.literal('PUT'),
    url: z.string().describe('The content goes there, once. The URL is a secret'),
    headers: z
      .record(z.string(), z.string())
      .describe('Header fields that the request must have, as they are'),
    expiresAt: z.iso.datetime().describe('ISO 8601, UTC: the upload must begin before'),
  })
  .register(components, { id: 'Upload' });

/** Content that is uploaded before a mail refers to it. */
export const uploads = {
  createUpload: {
    function: 'messages',
    method: 'POST',
    path: '/v1/uploads',
    scope: 'messages:send',
    // Nobody reads an upload; what is submitted by it is kept to the domains.
    keepsToDomains: true,
    summary: 'Upload a large mail or attachment',
    description: `Answers with a URL that takes the content by PUT within ${UPLOAD_SECONDS / 60} minutes. An upload is kept for a day; a mail that was submitted by it has a copy of its own.`,
    body: uploadRequest,
    answersSecret: true,
    answer: { status: 201, says: 'A URL for the content', json: upload },
    refusals: [],
    audited: false,
  },
} as const satisfies Record<string, Route>;
