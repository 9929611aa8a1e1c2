import { digest128 } from '#shared/core/digest.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import { Refusal, Throttled, type RefusalCode } from '#shared/core/model/errors.ts';
import type { Message, SubmissionChannel } from '#shared/core/model/message.ts';
import {
  messageIdOf,
  type DomainName,
  type MessageId,
  type TenantId,
} from '#shared/core/model/names.ts';
import type { ParsedHeader } from '#shared/core/mail/parse.ts';
import { dayOf } from '#shared/core/reports/day.ts';
import type { Repair } from '#shared/core/mail/repair.ts';
import { type SoundMail, prepareSubmission } from '#shared/core/mail/submission.ts';
import { outlasting, type OutlastedPorts } from './outlasting.ts';
import { takeRecipients } from '../budgets/take-recipients.ts';
import type { Random } from '../ports/clock.ts';
import type { MailCounts } from '../ports/mail-counts.ts';
import type { StoredMessage } from '../ports/message-store.ts';
import { findByContent, isNamed } from './by-content.ts';
import { requireSendPermission, requireWithin, sendRequestOf } from './authorize.ts';
import { envelopeRecipients } from './envelope-recipients.ts';
import { fingerprintOf } from './fingerprint.ts';
import { queueAgain, queueAndNote, suppressedOf, type QueuePorts } from './queue-and-note.ts';

export interface SubmitPorts extends OutlastedPorts, QueuePorts {
  readonly mailCounts: Pick<MailCounts, 'add'>;
  readonly random: Random;
  /** Domains that the operator lets send unsigned. */
  readonly unsignedAllowed: ReadonlySet<string>;
  /** Octets of the largest mail that the channel and the exit both take. */
  readonly maxOctets: number;
}

/** A mail as it came by a submission channel. */
export interface Submission {
  readonly tenant: TenantId;
  readonly channel: SubmissionChannel;
  /** RFC 5322, as received. */
  readonly raw: Buffer;
  /** The octets by which a replay is recognised, where `raw` was made from them. @default raw */
  readonly asReceived?: Buffer;
  /** The domains that the credential is for; absent: all of the tenant's. */
  readonly domains?: readonly DomainName[] | undefined;
  /** Addresses given beside the mail; none: those of To, Cc and Bcc. */
  readonly recipients: readonly string[];
  /** True: a mail that needs a repair is refused. */
  readonly strict: boolean;
  readonly idempotencyKey?: string | undefined;
  /** True for a channel without idempotency keys: a mail is known again by its content. */
  readonly isKnownByContent?: boolean;
  /** True if the mail, or a part of it, was uploaded beforehand. */
  readonly isUploaded?: boolean;
}

/** The refusals that a submission can end in, whatever its channel. */
export const submitRefusalCodes = [
  'invalid-body',
  'payload-too-large',
  'message-refused',
  'recipients-refused',
  'from-refused',
  'sender-refused',
  'idempotency-key-reused',
  'budget-exceeded',
] as const satisfies readonly RefusalCode[];

/** An accepted mail. */
export interface Accepted {
  /** The same one again for the same mail under the same idempotency key. */
  readonly id: MessageId;
  /** The changes that were made to the mail before it was accepted; mostly none. */
  readonly repairs: readonly Repair[];
  /** Recipients that it is not sent to, since they are on the suppression list; mostly none. */
  readonly suppressed: readonly string[];
}

/**
 * Accepts a mail, whatever the submission channel: inspects, repairs, authorizes, queues and notes it,
 * in this order. Its message in the queue carries it; one that is too large for that, or that the
 * queue does not take, is stored and entered in the outbox first. So a mail whose id was answered is
 * never lost, and after a failed step it can be submitted again. The sentences of its refusals fit
 * every channel.
 *
 * @throws Throttled where a service that it needs stays out for as long as a client waits
 * @throws Refusal `invalid-body`, `payload-too-large`, `message-refused`, `recipients-refused`,
 *   `from-refused`, `sender-refused`, `idempotency-key-reused`; nothing was changed then
 */
export async function submitMail(ports: SubmitPorts, submission: Submission): Promise<Accepted> {
  try {
    return await submitOnce(outlasting(ports), submission);
  } catch (error) {
    if (!ports.isOutage(error)) throw error;
    ports.log.warn('mail cannot be accepted at the moment', { tenant: submission.tenant, error });
    throw new Throttled('a service that mail is stored in', { cause: error });
  }
}

async function submitOnce(ports: SubmitPorts, submission: Submission): Promise<Accepted> {
  const { tenant, raw } = submission;
  const mail = requireSound(submission, ports.maxOctets);
  const { header } = mail.message;
  const sendRequest = { tenant, ...sendRequestOf(header) };
  requireWithin(sendRequest, submission.domains);
  const recipients = envelopeRecipients(header, submission.recipients);
  const fingerprint = fingerprintOf(submission.asReceived ?? raw, recipients);
  const { id, earlier, comesAgain } = await findEarlier(ports, submission, header, fingerprint);
  const message: Message = {
    ...sendRequest,
    id,
    createdAt: ports.clock.now().toISOString(),
    size: raw.length,
    fingerprint,
    channel: submission.channel,
    ...(mail.repairs.length === 0 ? {} : { repairs: mail.repairs }),
  };
  const { repairs } = mail;
  if (earlier !== undefined) {
    await queueAgain(ports, earlier, message, mail.raw);
    return { id, repairs, suppressed: suppressedOf(earlier.recipientBatches) };
  }
  const [suppressed] = await Promise.all([
    ports.suppressions.among(tenant, recipients),
    requireSendPermission(ports, sendRequest),
  ]);
  await takeRecipients(ports.budgets, tenant, recipients.length);
  const recipientBatches = newRecipientBatches(recipients, suppressed);
  const isNew = await queueAndNote(ports, {
    message,
    recipients,
    suppressed,
    raw: mail.raw,
    recipientBatches,
    isUploaded: submission.isUploaded === true,
    comesAgain,
  });
  if (isNew) await countMail(ports, message, submission.channel);
  const { domain, channel, size } = message;
  ports.log.info('a mail was accepted', {
    tenant,
    messageId: id,
    domain,
    channel,
    size,
    recipients: recipients.length,
  });
  return { id, repairs, suppressed: suppressedOf(recipientBatches) };
}

/** Counts a mail. A failure does not fail the mail, which its client would submit again. */
async function countMail(
  { mailCounts, log }: SubmitPorts,
  { tenant, id, domain, createdAt }: Message,
  channel: SubmissionChannel,
): Promise<void> {
  try {
    await mailCounts.add({ tenant, domain, day: dayOf(new Date(createdAt)) }, channel);
  } catch (error) {
    log.warn('a mail was not counted', { tenant, messageId: id, error });
  }
}

function requireSound({ raw, strict }: Submission, maxOctets: number): SoundMail {
  if (raw.length === 0) {
    throw new Refusal(
      'invalid-body',
      'The mail has no octets; send a header and a body (RFC 5322).',
    );
  }
  requireSize(raw, maxOctets, 'The mail');
  const prepared = prepareSubmission(raw, { strict });
  if (!prepared.ok) throw new Refusal('message-refused', prepared.refusal.detail);
  requireSize(prepared.raw, maxOctets, 'The mail, once repaired,');
  return prepared;
}

/** @throws Refusal `payload-too-large` */
function requireSize({ length }: Buffer, maxOctets: number, what: string): void {
  if (length <= maxOctets) return;
  throw new Refusal(
    'payload-too-large',
    `${what} has ${length} octets; at most ${maxOctets} are taken. Link to large attachments instead.`,
  );
}

/**
 * Returns the id of a submission's message, that message where it was accepted before, and whether the
 * submission has the same id if it comes again.
 */
async function findEarlier(
  { messages, random, clock }: SubmitPorts,
  { tenant, idempotencyKey, isKnownByContent }: Submission,
  header: ParsedHeader,
  fingerprint: string,
): Promise<{ id: MessageId; earlier?: StoredMessage | undefined; comesAgain: boolean }> {
  const find = async (key: string) => {
    const id = messageIdOfKey(tenant, key);
    return { id, earlier: await messages.get(tenant, id), comesAgain: true };
  };
  if (idempotencyKey !== undefined) return find(idempotencyKey);
  if (isKnownByContent && isNamed(header)) {
    return findByContent(fingerprint, find, clock.now());
  }
  return { id: messageIdOf(random.bytes(16)), comesAgain: false };
}

/** Returns the id of the message that a key names: the first 128 bits of a digest over tenant and key, so that a replay finds the same message. */
export function messageIdOfKey(tenant: TenantId, idempotencyKey: string): MessageId {
  return messageIdOf(digest128(tenant, idempotencyKey));
}
