import { sha256Hex } from '#shared/core/digest.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { RecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { StoredMessage } from '../ports/message-store.ts';
import { FIRST_CHECK_MS } from '../ports/outbox.ts';
import {
  byTenant,
  type CarriedMailRequest,
  type OutboundRequest,
  type Queue,
} from '../ports/queues.ts';
import { type CarriedMail, carriedMailRequest } from './carried-mail.ts';
import type { OutlastedPorts } from './outlasting.ts';

export interface QueuePorts extends Pick<
  OutlastedPorts,
  'messages' | 'mails' | 'outbox' | 'isOutage'
> {
  readonly outbound: Queue<OutboundRequest | CarriedMailRequest>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** A mail that was inspected and may be sent. */
export interface AcceptableMail extends CarriedMail {
  readonly recipientBatches: readonly RecipientBatch[];
  /** True if it, or a part of it, was uploaded beforehand: it is pinned to its stored copy. */
  readonly isUploaded: boolean;
  /** True if a client that gets no answer submits it under the same id again. */
  readonly comesAgain: boolean;
}

/**
 * Queues a mail by a message that carries it, then notes it; so the queue, or the store and the outbox,
 * has whatever is noted. A mail that is too large for that, or that the queue does not take, is stored,
 * entered in the outbox, noted and queued, in this order: whatever is noted can be sent.
 *
 * @returns true if it was not there before
 * @throws Refusal `idempotency-key-reused`
 */
export async function queueAndNote(ports: QueuePorts, mail: AcceptableMail): Promise<boolean> {
  const queued = mail.isUploaded ? 'stored' : await enqueue(ports, mail);
  if (queued === 'queued') return noteQueued(ports, mail);
  const { message, raw, recipientBatches } = mail;
  const etag = await keep(ports, message, raw);
  const noted = mail.isUploaded
    ? { ...message, content: { etag, sha256: sha256Hex(raw) } }
    : message;
  const isNew = await note(ports, noted, recipientBatches);
  if (queued === 'stored') await enqueueStored(ports, message);
  return isNew;
}

/**
 * Queues a mail once more that was accepted before, since its first submission may have failed right
 * before that; the signer sends nothing twice.
 *
 * @param raw its octets, as they came again
 * @throws Refusal `idempotency-key-reused`
 */
export async function queueAgain(
  ports: QueuePorts,
  { message, recipientBatches }: StoredMessage,
  again: Message,
  raw: Buffer,
): Promise<void> {
  requireSame(message, again);
  if (!recipientBatches.some(({ state }) => state === 'queued')) return;
  const isUploaded = message.content !== undefined;
  if (!isUploaded) {
    const recipients = recipientBatches.flatMap((batch) =>
      batch.recipients.map(({ address }) => address),
    );
    const suppressed = new Set(suppressedOf(recipientBatches));
    const queued = await enqueue(ports, { message, recipients, suppressed, raw });
    if (queued !== 'queued') await keep(ports, message, raw);
    if (queued !== 'stored') return;
  }
  await enqueueStored(ports, message);
}

/** Returns the addresses of a mail's recipients that nothing is sent to. */
export const suppressedOf = (recipientBatches: readonly RecipientBatch[]): string[] =>
  recipientBatches
    .flatMap(({ recipients }) => recipients)
    .filter(({ state }) => state === 'suppressed')
    .map(({ address }) => address);

/**
 * Queues a mail by a message that carries it.
 *
 * @returns `stored` where it is to be stored and queued by its id, `out` where the queue is out
 */
async function enqueue(
  { outbound, isOutage, log }: QueuePorts,
  mail: CarriedMail,
): Promise<'queued' | 'stored' | 'out'> {
  const request = carriedMailRequest(mail);
  if (request === undefined) return 'stored';
  try {
    await outbound.send([request], byTenant);
    return 'queued';
  } catch (error) {
    const { tenant, id } = mail.message;
    log.warn('a mail could not be queued, it is stored', { tenant, messageId: id, error });
    return isOutage(error) ? 'out' : 'stored';
  }
}

/**
 * Notes a mail that is queued. The signer notes it where this fails, and where it was faster. A client
 * whose next try has the same id gets the failure; the mail of any other one is accepted.
 */
async function noteQueued(ports: QueuePorts, mail: AcceptableMail): Promise<boolean> {
  try {
    return await note(ports, mail.message, mail.recipientBatches);
  } catch (error) {
    if (mail.comesAgain || !ports.isOutage(error)) throw error;
    const { tenant, id } = mail.message;
    ports.log.warn('a mail was not noted, the signer will', { tenant, messageId: id, error });
    return true;
  }
}

/** Stores the octets of a mail, and enters it in the outbox. @returns their ETag */
async function keep({ mails, outbox, clock }: QueuePorts, message: Message, raw: Buffer) {
  const checkedAt = new Date(clock.now().getTime() + FIRST_CHECK_MS);
  const [etag] = await Promise.all([mails.put(message, raw), outbox.enter(message, checkedAt)]);
  return etag;
}

/** @returns true if it was not there before @throws Refusal `idempotency-key-reused` */
async function note(
  { messages }: QueuePorts,
  message: Message,
  recipientBatches: readonly RecipientBatch[],
): Promise<boolean> {
  const existing = await messages.create(message, recipientBatches);
  if (existing === undefined) return true;
  requireSame(existing, message);
  // The signer noted this very submission.
  return existing.createdAt === message.createdAt;
}

/** Queues a stored mail. It is accepted even where that fails: the outbox queues it then. */
async function enqueueStored(
  { outbound, log }: QueuePorts,
  { tenant, id }: OutboundRequest,
): Promise<void> {
  try {
    await outbound.send([{ tenant, id }], byTenant);
  } catch (error) {
    log.warn('a mail could not be queued, the outbox will', { tenant, messageId: id, error });
  }
}

function requireSame(existing: Message, message: Message): void {
  if (existing.fingerprint === message.fingerprint) return;
  throw new Refusal(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another mail or other recipients; use a new key for each mail.',
  );
}
