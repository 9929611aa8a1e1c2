import { bodyOf, header, jsonOf, shapedAs, type ApiEvent } from '#shared/api/http.ts';
import { envelope } from '#shared/api/routes/message-requests.ts';
import { Refusal } from '#shared/core/model/errors.ts';

/** The parts of a request in multipart/form-data. */
export interface MultipartMessage {
  readonly raw: Buffer;
  readonly recipients: readonly string[];
}

/**
 * Reads a mail with its envelope from multipart/form-data (RFC 7578): the part `message` as octets,
 * the part `envelope` as JSON.
 *
 * @throws Refusal `invalid-body`, `invalid-json`
 */
export async function readMultipart(event: ApiEvent): Promise<MultipartMessage> {
  const form = await formOf(event);
  const unknown = [...form.keys()].find((name) => name !== 'envelope' && name !== 'message');
  if (unknown !== undefined) {
    throw invalid(`there is no part "${unknown.slice(0, 80)}"; only "envelope" and "message"`);
  }
  const [message, ...messages] = form.getAll('message');
  const [named, ...more] = form.getAll('envelope');
  if (messages.length > 0 || more.length > 0) throw invalid('a part comes twice');
  // A part without a file name is read as text, which would change octets that are not UTF-8.
  if (!(message instanceof File)) {
    throw invalid(
      'it needs a part "message" with a file name, as "filename=mail.eml" in its Content-Disposition makes it',
    );
  }
  const raw = Buffer.from(await message.arrayBuffer());
  if (named === undefined) return { raw, recipients: [] };
  const text = named instanceof File ? await named.text() : named;
  return { raw, ...shapedAs(jsonOf(Buffer.from(text)), envelope) };
}

async function formOf(event: ApiEvent): Promise<FormData> {
  const headers = { 'content-type': header(event, 'content-type') ?? '' };
  try {
    return await new Response(new Uint8Array(bodyOf(event)), { headers }).formData();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalid('it is not multipart/form-data with the boundary of its Content-Type');
  }
}

const invalid = (why: string) =>
  new Refusal('invalid-body', `The body is not as it must be: ${why}.`);
