import { SigningError } from '#shared/core/dkim/sign.ts';
import {
  beginAttempt,
  endAttempt,
  loseAttempt,
  nextStep,
  refuseRecipientBatch,
  type AttemptOutcome,
  type RecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import { recipientBatchEvents } from '#shared/core/model/event.ts';
import type { Message } from '#shared/core/model/message.ts';
import { MAIL_DAYS } from '#shared/app/ports/mail.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import type { SigningPermission } from './signing-permission.ts';
import type { SignerPorts, SignerSettings } from './ports.ts';
import { signedCopy, type SigningKey } from './signed-copy.ts';
import { DAY_MS, HOUR_MS, later } from '#shared/core/time.ts';

/** When a message must be checked again: at a time, or after a back-off of at least so long. */
export type Again =
  | { readonly kind: 'at'; readonly at: Date }
  | { readonly kind: 'back-off'; readonly atLeastSeconds: number };

/** The state that the messages of one batch share. */
export interface Batch {
  readonly ports: SignerPorts;
  readonly settings: SignerSettings;
  /** No attempt begins after it: the function could end before the attempt does. */
  readonly deadline: Date;
  /** Set once SES throttles: nothing else of the batch is tried. */
  throttled: Again | undefined;
  count(name: string): void;
}

/** Signing is paused for a moment where another key takes over, else for hours: the waits grow. */
const PAUSED_SECONDS = 2;
/** A held mail is tried again after a quarter of the time that it is held, within these limits. */
const HELD_SECONDS = { least: 5, most: 60 };

/**
 * Advances each recipient batch of a message: signs the message once, and hands due recipient
 * batches to Amazon SES, one at a time. Safe to run any number of times, also at once.
 *
 * @returns when to check again; undefined where every recipient batch is at its end
 */
export async function deliver(
  batch: Batch,
  { message, recipientBatches }: StoredMessage,
  sendPermission: SigningPermission,
): Promise<Again | undefined> {
  const delivery = new MessageDelivery(batch, message, sendPermission);
  const ends: End[] = [];
  for (const recipientBatch of recipientBatches) ends.push(await delivery.advance(recipientBatch));
  if (delivery.sentSome) await noteSent(batch, sendPermission);
  await publishEnds(
    batch.ports,
    message,
    ends.flatMap((end) => end.recipientBatch ?? []),
  );
  return ends.reduce<Again | undefined>((soonest, { again }) => sooner(soonest, again), undefined);
}

/**
 * Publishes events of recipient batches that are refused or unclear, for any cause. Events
 * that failed are published when the message comes again, under the same id.
 *
 * @throws what the bus throws; the message must come again
 */
export async function publishEnds(
  { bus }: Pick<SignerPorts, 'bus'>,
  message: Message,
  recipientBatches: readonly RecipientBatch[],
): Promise<void> {
  const events = recipientBatches.flatMap((recipientBatch) =>
    recipientBatchEvents(message, recipientBatch),
  );
  if (events.length > 0) await bus.put(events);
}

/** A recipient batch as it now is (undefined: gone), and when to check it again. */
interface End {
  readonly recipientBatch: RecipientBatch | undefined;
  readonly again?: Again;
}

/** A back-off wins over any time: SES asked for it. */
function sooner(one: Again | undefined, other: Again | undefined): Again | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.kind === 'back-off') return one;
  if (other.kind === 'back-off') return other;
  return one.at <= other.at ? one : other;
}

const NOT_KEPT = `The mail could not be sent within the ${MAIL_DAYS} days that it is kept for.`;

type Copy =
  | { readonly kind: 'ready'; readonly raw: Buffer }
  | { readonly kind: 'refused'; readonly reason: string };

class MessageDelivery {
  sentSome = false;
  readonly #batch: Batch;
  readonly #message: Message;
  readonly #sendPermission: SigningPermission;
  #copy: Copy | undefined;
  #held: Message['held'];

  constructor(batch: Batch, message: Message, sendPermission: SigningPermission) {
    this.#batch = batch;
    this.#message = message;
    this.#sendPermission = sendPermission;
    this.#held = message.held;
  }

  async advance(start: RecipientBatch): Promise<End> {
    const { ports, settings } = this.#batch;
    let recipientBatch: RecipientBatch | undefined = start;
    while (recipientBatch !== undefined) {
      const step = nextStep(recipientBatch, ports.clock.now(), settings);
      if (step.kind === 'none') break;
      if (step.kind === 'wait') return { recipientBatch, again: { kind: 'at', at: step.until } };
      if (step.kind === 'hold') {
        this.#hold(recipientBatch);
        break;
      }
      if (step.kind === 'lose') {
        recipientBatch = await this.#write(loseAttempt(recipientBatch, ports.clock.now()));
        continue;
      }
      const again = await this.#postponed();
      if (again === 'expired') {
        recipientBatch = await this.#refuse(recipientBatch, this.#notPublished());
        continue;
      }
      if (again !== undefined) return { recipientBatch, again };
      recipientBatch = await this.#sendOrRefuse(recipientBatch);
    }
    return { recipientBatch };
  }

  #hold({ index }: RecipientBatch): void {
    const { log } = this.#batch.ports;
    this.#batch.count('UnclearAttempts');
    log.error('a chunk stays unclear, and the policy is not to send it again', this.#names(index));
  }

  /** The reason to try nothing now, though it is due. */
  async #postponed(): Promise<Again | 'expired' | undefined> {
    const { throttled, deadline, ports } = this.#batch;
    const now = ports.clock.now();
    if (throttled !== undefined) return throttled;
    if (now >= deadline) return { kind: 'at', at: now };
    if (this.#sendPermission.kind === 'signed') {
      const { claim, key } = this.#sendPermission;
      const confirmation = await ports.keyConfirmation.confirm(claim, key);
      if (confirmation.kind === 'absent') return this.#keepHeld();
      if (confirmation.kind === 'unconfirmed') return { kind: 'at', at: confirmation.until };
      await this.#endHold();
    }
    if (this.#sendPermission.kind !== 'paused') return undefined;
    const { reason } = this.#sendPermission;
    ports.log.error('mail waits for a key', { reason, messageId: this.#message.id });
    return { kind: 'back-off', atLeastSeconds: PAUSED_SECONDS };
  }

  /** Mail that no receiver could verify waits for its DNS, but not for ever. */
  async #keepHeld(): Promise<Again | 'expired'> {
    const { ports, settings } = this.#batch;
    const { tenant, id } = this.#message;
    const now = ports.clock.now();
    if (this.#held === undefined) {
      const until = later(now, settings.holdHours * HOUR_MS);
      this.#held = { code: 'key-not-published', since: now.toISOString(), until };
      await ports.messages.noteHeld(tenant, id, this.#held);
      ports.log.warn('mail waits: its key is not in DNS', { tenant, messageId: id, until });
    }
    const { since, until } = this.#held;
    if (now.toISOString() >= until) return 'expired';
    const { least, most } = HELD_SECONDS;
    const seconds = (now.getTime() - Date.parse(since)) / 4_000;
    const again = now.getTime() + Math.min(most, Math.max(least, seconds)) * 1_000;
    return { kind: 'at', at: new Date(Math.min(again, Date.parse(until))) };
  }

  async #endHold(): Promise<void> {
    if (this.#held === undefined) return;
    const { tenant, id } = this.#message;
    this.#held = undefined;
    await this.#batch.ports.messages.noteHeld(tenant, id, undefined);
  }

  #notPublished(): string {
    const { domain } = this.#message;
    return `key-not-published: for ${this.#batch.settings.holdHours} hours the DNS of ${domain} led to none of its DKIM keys, so that no receiver could verify the mail. Restore the DKIM records that GET /v1/domains/${domain} shows, then submit it again.`;
  }

  async #sendOrRefuse(recipientBatch: RecipientBatch): Promise<RecipientBatch | undefined> {
    const sendPermission = this.#sendPermission;
    if (sendPermission.kind === 'refused')
      return this.#refuse(recipientBatch, sendPermission.reason);
    this.#copy ??= await this.#makeCopy();
    if (this.#copy.kind === 'refused') return this.#refuse(recipientBatch, this.#copy.reason);
    return this.#attempt(recipientBatch, this.#copy.raw);
  }

  async #refuse(
    recipientBatch: RecipientBatch,
    reason: string,
  ): Promise<RecipientBatch | undefined> {
    const refused = refuseRecipientBatch(recipientBatch, reason, this.#batch.ports.clock.now());
    const stored = await this.#write(refused);
    if (stored === refused) this.#batch.count('MessagesRefused');
    return stored;
  }

  /** One SES call: noted before, under a lease, so that no other attempt runs beside it; and after. */
  async #attempt(recipientBatch: RecipientBatch, raw: Buffer): Promise<RecipientBatch | undefined> {
    const { ports, settings } = this.#batch;
    const until = new Date(ports.clock.now().getTime() + settings.leaseSeconds * 1000);
    const begun = beginAttempt(recipientBatch, { until, by: ports.newLease() });
    const stored = await this.#write(begun);
    // By name, not by who wrote: a write that the SDK repeated is refused though its first try landed.
    if (stored?.leaseBy !== begun.leaseBy) return stored;
    if (recipientBatch.state === 'unclear') {
      this.#batch.count('UnclearAttempts');
      ports.log.warn(
        'no event settled an unclear chunk: sent again',
        this.#names(recipientBatch.index),
      );
    }
    const outcome = await ports.mailer.send(raw, {
      source: envelopeSender(this.#message),
      recipients: begun.recipients.map(({ address }) => address),
      tags: {
        tenant: this.#message.tenant,
        message: this.#message.id,
        recipientBatch: begun.index,
        attempt: begun.attempt,
      },
    });
    this.#countOutcome(outcome, begun);
    if (outcome.kind === 'sent' && this.#sendPermission.kind === 'signed') {
      ports.postSendVerification.sent(raw, this.#sendPermission.claim, this.#sendPermission.key);
    }
    return this.#noteOutcome(begun, outcome);
  }

  #countOutcome(outcome: AttemptOutcome, { index, attempt }: RecipientBatch): void {
    const { ports } = this.#batch;
    const names = { ...this.#names(index), attempt };
    switch (outcome.kind) {
      case 'sent':
        this.sentSome = true;
        return this.#batch.count('MessagesSent');
      case 'throttled':
        this.#batch.throttled = { kind: 'back-off', atLeastSeconds: outcome.waitSeconds };
        ports.log.warn('Amazon SES asks to wait', { ...names, reason: outcome.reason });
        return this.#batch.count('SendThrottled');
      case 'refused':
        ports.log.info('Amazon SES refused', { ...names, reason: outcome.reason });
        return this.#batch.count('MessagesRefused');
      case 'unclear':
        return ports.log.warn('an attempt is unclear', { ...names, reason: outcome.reason });
      default:
        return outcome satisfies never;
    }
  }

  /** Notes how an attempt ended, however often the recipient batch was moved meanwhile (by SES events). */
  async #noteOutcome(
    begun: RecipientBatch,
    outcome: AttemptOutcome,
  ): Promise<RecipientBatch | undefined> {
    let recipientBatch: RecipientBatch | undefined = begun;
    while (recipientBatch !== undefined) {
      const ended = endAttempt(
        recipientBatch,
        begun.attempt,
        outcome,
        this.#batch.ports.clock.now(),
      );
      if (ended === recipientBatch) return recipientBatch;
      const stored = await this.#write(ended);
      if (stored === ended) return ended;
      recipientBatch = stored;
    }
    return undefined;
  }

  /** @returns the recipient batch as it is now stored: `next`, or another writer's version */
  async #write(next: RecipientBatch): Promise<RecipientBatch | undefined> {
    const { tenant, id } = this.#message;
    const { messages } = this.#batch.ports;
    if (await messages.moveRecipientBatch(tenant, id, next)) return next;
    return messages.recipientBatch(tenant, id, next.index);
  }

  /** Made once for all recipient batches. */
  async #makeCopy(): Promise<Copy> {
    const now = this.#batch.ports.clock.now();
    const loaded = await this.#load(now);
    if (loaded === undefined) return { kind: 'refused', reason: NOT_KEPT };
    try {
      const raw = signedCopy(loaded.raw, this.#message.domain, loaded.signingKey, now);
      await this.#noteSigned(now);
      return { kind: 'ready', raw };
    } catch (error) {
      if (!(error instanceof SigningError) || error.code === 'key-unusable') throw error;
      return { kind: 'refused', reason: error.message };
    }
  }

  /** The mail and the key it is signed with, fetched at once; undefined where the mail is gone. */
  async #load(now: Date): Promise<{ raw: Buffer; signingKey?: SigningKey } | undefined> {
    const { mails, keys } = this.#batch.ports;
    const { tenant, id, fingerprint, createdAt } = this.#message;
    // S3 answers one who may not list the bucket 403, not 404, for what is gone.
    if (now.getTime() - Date.parse(createdAt) >= MAIL_DAYS * DAY_MS) return undefined;
    const sendPermission = this.#sendPermission;
    if (sendPermission.kind !== 'signed') {
      const raw = await mails.get({ tenant, id, fingerprint });
      return raw && { raw };
    }
    const { selector } = sendPermission.key;
    const [raw, key] = await Promise.all([
      mails.get({ tenant, id, fingerprint }),
      keys.get(sendPermission.claim, sendPermission.key),
    ]);
    return raw && { raw, signingKey: { selector, key } };
  }

  async #noteSigned(now: Date): Promise<void> {
    const { tenant, id, domain, signed } = this.#message;
    if (signed !== undefined) return;
    const sendPermission = this.#sendPermission;
    const signature =
      sendPermission.kind === 'signed'
        ? { domain, selector: sendPermission.key.selector, keyId: sendPermission.key.id }
        : 'unsigned';
    await this.#batch.ports.messages.noteSigned(tenant, id, { at: now.toISOString(), signature });
  }

  #names(recipientBatch: number): Record<string, unknown> {
    return { tenant: this.#message.tenant, messageId: this.#message.id, recipientBatch };
  }
}

/**
 * The envelope's sender is under the From domain, never an address of the message's own. SES takes
 * identity and custom MAIL FROM of it (so that SPF aligns), and replaces it by its own bounce
 * address. No mailbox gets the bounces, which come as events.
 */
const envelopeSender = ({ domain }: Message) => `bounces@${domain}`;

/** That a domain sent decides how often it is checked; a failure to note it never fails a mail. */
async function noteSent({ ports }: Batch, sendPermission: SigningPermission): Promise<void> {
  if (sendPermission.kind !== 'signed') return;
  try {
    await ports.sendingLog.noteSent(sendPermission.claim.label, ports.clock.now().toISOString());
  } catch (error) {
    ports.log.warn('could not note that a domain sent', {
      domain: sendPermission.claim.domain,
      error,
    });
  }
}
