import { createHash } from 'node:crypto';
import { newRecipientBatches, type RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Message } from '#shared/core/model/message.ts';
import { messageIdOf, type MessageId, type TenantId } from '#shared/core/model/names.ts';
import { authorOf, senderOf } from '#shared/core/mail/from.ts';
import { inspectSubmission } from '#shared/core/mail/inspect.ts';
import type { ParsedHeader } from '#shared/core/mail/parse.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { MailStore } from '#shared/app/ports/mail.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { OutboundRequest, Queue } from '#shared/app/ports/queues.ts';
import { sendPermissions, type SendRequest } from '#shared/app/sending/send-permission.ts';
import { envelopeRecipients } from './recipients.ts';

/** Lambda's payload is 6 MB, of which base64 leaves three quarters, and the event needs a little. */
export const MAX_MAIL_OCTETS = 4_500_000;

export interface SubmitPorts {
  readonly claims: Pick<ClaimStore, 'getHeld' | 'everClaimedAround'>;
  readonly messages: Pick<MessageStore, 'create' | 'get'>;
  readonly mails: Pick<MailStore, 'put'>;
  readonly outbound: Queue<OutboundRequest>;
  readonly clock: Clock;
  readonly random: Random;
  /** Domains that the operator lets send unsigned. */
  readonly unsignedAllowed: ReadonlySet<string>;
}

/** A mail as it came to the submission channel. */
export interface Submission {
  readonly tenant: TenantId;
  /** RFC 5322, as received. */
  readonly raw: Buffer;
  /** Addresses given beside the mail; none: those of To, Cc and Bcc. */
  readonly recipients: readonly string[];
  readonly idempotencyKey?: string | undefined;
}

/**
 * Accepts a mail: checks, stores, notes and queues it, in this order. So a mail whose id was
 * answered is never lost, and after a failed step it can be submitted again.
 *
 * @returns the id; the same one again for the same mail under the same Idempotency-Key
 * @throws Refusal for a faulty mail; nothing was changed then
 */
export async function submitMail(ports: SubmitPorts, submission: Submission): Promise<MessageId> {
  const { tenant, raw, idempotencyKey } = submission;
  const header = requireSendable(raw);
  const sendRequest = { tenant, ...sendRequestOf(header) };
  const recipients = envelopeRecipients(header, submission.recipients);
  const message: Message = {
    ...sendRequest,
    id: idOf(ports.random, tenant, idempotencyKey),
    createdAt: ports.clock.now().toISOString(),
    size: raw.length,
    fingerprint: fingerprintOf(raw, recipients),
  };
  if (idempotencyKey !== undefined && (await isReplay(ports, message))) return message.id;
  await requireSendPermission(ports, sendRequest);
  await ports.mails.put(message, raw);
  const existing = await ports.messages.create(message, newRecipientBatches(recipients));
  if (existing !== undefined) requireSame(existing, message);
  await ports.outbound.send([{ tenant, id: message.id }]);
  return message.id;
}

function requireSendable(raw: Buffer): ParsedHeader {
  if (raw.length === 0) {
    throw new Refusal('invalid-body', 'The request has no body; send the mail as it (RFC 5322).');
  }
  if (raw.length > MAX_MAIL_OCTETS) {
    throw new Refusal(
      'payload-too-large',
      `The mail has ${raw.length} octets; at most ${MAX_MAIL_OCTETS} are taken. Link to large attachments instead.`,
    );
  }
  const inspection = inspectSubmission(raw);
  if (!inspection.ok) throw new Refusal('message-refused', inspection.refusal.detail);
  // Legal mail (RFC 5322 §3.5), but here always a mistake of the program that made it. Verifiers
  // disagree on the hash of an empty body.
  if (inspection.message.body.length === 0) {
    throw new Refusal(
      'message-refused',
      'The mail has no body; put an empty line after the header and at least a line end behind it.',
    );
  }
  return inspection.message.header;
}

function sendRequestOf(header: ParsedHeader): Omit<SendRequest, 'tenant'> {
  const author = authorOf(header);
  if (!author.ok) throw new Refusal('message-refused', author.refusal.detail);
  const sender = senderOf(header);
  if (sender !== undefined && !sender.ok) {
    throw new Refusal('message-refused', sender.refusal.detail);
  }
  const { domain } = author;
  if (sender === undefined || sender.domain === domain) return { domain };
  return { domain, senderDomain: sender.domain };
}

/** The first 128 bits of a digest over tenant and key, so that a replay finds the same message. */
function idOf(random: Random, tenant: TenantId, idempotencyKey: string | undefined): MessageId {
  if (idempotencyKey === undefined) return messageIdOf(random.bytes(16));
  const digest = createHash('sha256').update(`${tenant}\n${idempotencyKey}`).digest();
  return messageIdOf(digest.subarray(0, 16));
}

function fingerprintOf(raw: Buffer, recipients: readonly string[]): string {
  return createHash('sha256')
    .update(`${recipients.join('\n')}\n\n`)
    .update(raw)
    .digest('hex');
}

/**
 * Returns true if the very same request was accepted before. It is queued once more then, since it
 * may have failed right before that; the signer sends nothing twice.
 *
 * @throws Refusal `idempotency-key-reused`
 */
async function isReplay(ports: SubmitPorts, message: Message): Promise<boolean> {
  const { tenant, id } = message;
  const existing = await ports.messages.get(tenant, id);
  if (existing === undefined) return false;
  requireSame(existing.message, message);
  if (existing.recipientBatches.some(isUntried)) await ports.outbound.send([{ tenant, id }]);
  return true;
}

const isUntried = ({ state }: RecipientBatch) => state === 'queued';

function requireSame(existing: Message, message: Message): void {
  if (existing.fingerprint === message.fingerprint) return;
  throw new Refusal(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another mail or other recipients; use a new key for each mail.',
  );
}

async function requireSendPermission(ports: SubmitPorts, sendRequest: SendRequest): Promise<void> {
  const [sendPermission] = await sendPermissions(ports.claims, ports.unsignedAllowed, [
    sendRequest,
  ]);
  if (sendPermission?.kind === 'refused')
    throw new Refusal(sendPermission.code, sendPermission.reason);
}
