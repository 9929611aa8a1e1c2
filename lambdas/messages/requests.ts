import {
  bodyOf,
  header,
  idempotencyKeyOf,
  isStrict,
  jsonOf,
  shapedAs,
  type ApiEvent,
} from '#shared/api/http.ts';
import { uploadedMailRequest } from '#shared/api/routes/message-requests.ts';
import type { ComposeMail } from '#shared/app/ports/mail-composer.ts';
import type { UploadStore } from '#shared/app/ports/uploads.ts';
import type { Submission } from '#shared/app/sending/submit.ts';
import { maxSubmittedOctets, sesExit } from '#shared/core/mail/exit.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { isUploadId, type TenantId } from '#shared/core/model/names.ts';
import { readMail, type RequestedAttachment, type RequestedMail } from './read-mail.ts';
import { readMultipart } from './read-multipart.ts';

/** Lambda's payload is 6 MB, of which base64 leaves three quarters, and the event needs a little. */
export const MAX_MAIL_OCTETS = 4_500_000;
/** API Gateway passes JSON on as text, without base64. */
const MAX_JSON_OCTETS = 6_000_000;

/** The ports by which a submission is read. */
export interface RequestPorts {
  readonly uploads: Pick<UploadStore, 'get'>;
  readonly composeMail: ComposeMail;
}

/**
 * Reads `POST /v1/messages`: a mail as it is, a mail and its envelope in two parts, a mail by its
 * fields, or the reference to an upload.
 *
 * @throws Refusal `unsupported-media-type`, `invalid-parameter`, `recipients-refused`,
 *   `invalid-body`, `invalid-json`, `payload-too-large`, `upload-not-found`
 */
export async function readSubmission(
  event: ApiEvent,
  tenant: TenantId,
  ports: RequestPorts,
): Promise<Submission> {
  const query = readQuery(event);
  const common = {
    tenant,
    strict: readStrict(query) ?? isStrict(event),
    idempotencyKey: idempotencyKeyOf(event),
  };
  const mediaType = header(event, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType === 'message/rfc822') {
    const recipients = query.getAll('recipient').map(readRecipient);
    return { ...common, channel: 'api', raw: within(bodyOf(event)), recipients };
  }
  if (query.has('recipient')) {
    throw new Refusal(
      'invalid-parameter',
      'The parameter "recipient" is for "Content-Type: message/rfc822"; give the recipients in "envelope".',
    );
  }
  if (mediaType === 'multipart/form-data') {
    const { raw, recipients } = await readMultipart(event);
    return { ...common, channel: 'api', raw: within(raw), recipients };
  }
  if (mediaType === 'application/json') {
    return { ...common, ...(await readJsonSubmission(event, tenant, ports)) };
  }
  throw new Refusal(
    'unsupported-media-type',
    `Send the mail with "Content-Type: message/rfc822", "multipart/form-data" or "application/json", not ${mediaType ? `"${mediaType.slice(0, 80)}"` : 'without a Content-Type'}.`,
  );
}

/** @throws Refusal `payload-too-large` */
function within(raw: Buffer): Buffer {
  if (raw.length <= MAX_MAIL_OCTETS) return raw;
  throw tooLarge(`The mail has ${raw.length} octets; a request takes at most ${MAX_MAIL_OCTETS}.`);
}

const tooLarge = (what: string) =>
  new Refusal(
    'payload-too-large',
    `${what} Upload it by POST /v1/uploads, which takes up to ${maxSubmittedOctets(sesExit)} octets, and submit the id of the upload.`,
  );

type Content = Pick<Submission, 'channel' | 'raw' | 'recipients' | 'asReceived' | 'isUploaded'>;

async function readJsonSubmission(
  event: ApiEvent,
  tenant: TenantId,
  { uploads, composeMail }: RequestPorts,
): Promise<Content> {
  const asReceived = bodyOf(event);
  if (asReceived.length > MAX_JSON_OCTETS) {
    const octets = `${asReceived.length} octets; at most ${MAX_JSON_OCTETS} are read`;
    throw tooLarge(`The body has ${octets}.`);
  }
  const body = jsonOf(asReceived);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal('invalid-body', 'The body is not as it must be: it is no JSON object.');
  }
  if (Object.hasOwn(body, 'upload')) {
    const { upload, envelope } = shapedAs(body, uploadedMailRequest);
    const raw = await uploaded(uploads, tenant, upload);
    return { channel: 'upload', isUploaded: true, raw, recipients: envelope?.recipients ?? [] };
  }
  const mail = readMail(body);
  const raw = await composeMail(await withContents(mail, (id) => uploaded(uploads, tenant, id)));
  const isUploaded = mail.attachments.some(({ source }) => 'upload' in source);
  return { channel: 'json', isUploaded, raw, recipients: mail.recipients, asReceived };
}

async function withContents(
  { attachments, ...mail }: RequestedMail,
  read: (id: string) => Promise<Buffer>,
) {
  const contents: { filename: string; content: Buffer }[] = [];
  let octets = 0;
  // One after another: what is too large in all is not read to its end.
  for (const { source, ...attachment } of attachments) {
    const content = await contentOf(source, read);
    octets += content.length;
    if (octets > maxSubmittedOctets(sesExit)) {
      throw new Refusal(
        'payload-too-large',
        `The attachments have more than ${maxSubmittedOctets(sesExit)} octets, which is the most that a mail may have. Link to large files instead.`,
      );
    }
    contents.push({ ...attachment, content });
  }
  return { ...mail, attachments: contents };
}

const contentOf = async (
  source: RequestedAttachment['source'],
  read: (id: string) => Promise<Buffer>,
): Promise<Buffer> => ('upload' in source ? read(source.upload) : source.content);

/** @throws Refusal `upload-not-found` */
async function uploaded(
  uploads: RequestPorts['uploads'],
  tenant: TenantId,
  id: string,
): Promise<Buffer> {
  const raw = isUploadId(id) ? await uploads.get(tenant, id) : undefined;
  if (raw !== undefined) return raw;
  throw new Refusal(
    'upload-not-found',
    `There is no upload ${JSON.stringify(id.slice(0, 80))}: PUT its content to the URL that POST /v1/uploads answered; it is kept for a day.`,
  );
}

const PARAMETERS = new Set(['recipient', 'strict']);

function readQuery(event: ApiEvent): URLSearchParams {
  // API Gateway joins repeated parameters by commas, which addresses may hold.
  const query = new URLSearchParams(event.rawQueryString);
  const unknown = [...query.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown === undefined) return query;
  throw new Refusal(
    'invalid-parameter',
    `There is no parameter "${unknown.slice(0, 80)}"; only "recipient", once for each address, and "strict".`,
  );
}

function readRecipient(address: string): string {
  if (!/^[^"]* /.test(address)) return address;
  throw new Refusal(
    'recipients-refused',
    `The recipient ${JSON.stringify(address.slice(0, 100))} is no address: there is a space in it. Write a "+" in a query as %2B.`,
  );
}

function readStrict(query: URLSearchParams): boolean | undefined {
  const [value, ...more] = query.getAll('strict');
  if (value === undefined) return undefined;
  if (more.length === 0 && /^(true|false)$/.test(value)) return value === 'true';
  throw new Refusal('invalid-parameter', 'The parameter "strict" must be "true" or "false", once.');
}
