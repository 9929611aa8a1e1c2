import { bodyOf, header, type ApiEvent } from '#shared/api/http.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Submission } from './submit.ts';

/**
 * Reads `POST /v1/messages`.
 *
 * @throws Refusal `unsupported-media-type`, `invalid-parameter`
 */
export function readSubmission(event: ApiEvent): Omit<Submission, 'tenant'> {
  const mediaType = header(event, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'message/rfc822') {
    throw new Refusal(
      'unsupported-media-type',
      `Send the mail as the body with "Content-Type: message/rfc822", not ${mediaType ? `"${mediaType.slice(0, 80)}"` : 'without a Content-Type'}.`,
    );
  }
  // API Gateway joins repeated parameters by commas, which addresses may hold.
  const query = new URLSearchParams(event.rawQueryString);
  const unknown = [...query.keys()].find((name) => name !== 'recipient');
  if (unknown !== undefined) {
    throw new Refusal(
      'invalid-parameter',
      `There is no parameter "${unknown.slice(0, 80)}"; only "recipient", once for each address.`,
    );
  }
  return {
    raw: bodyOf(event),
    recipients: query.getAll('recipient'),
    idempotencyKey: readIdempotencyKey(event),
  };
}

function readIdempotencyKey(event: ApiEvent): string | undefined {
  const key = header(event, 'idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Refusal(
    'invalid-parameter',
    'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces, such as a UUID.',
  );
}
