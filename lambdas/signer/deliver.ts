import { createHash } from 'node:crypto';
import { SigningError } from '#shared/core/dkim/sign.ts';
import type { RateLease } from '#shared/core/model/rate-lease.ts';
import {
  addressesToSend,
  RECIPIENTS_PER_BATCH,
  beginAttempt,
  endAttempt,
  loseAttempt,
  nextStep,
  refuseRecipientBatch,
  suppressRecipients,
  type AttemptOutcome,
  type RecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import { MAIL_DAYS, ReplacedMail } from '#shared/app/ports/mail.ts';
import {
  messageHeldEvents,
  messageSuppressedEvents,
  recipientBatchEvents,
} from '#shared/core/model/event.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { SuspensionHold } from '#shared/core/model/tenant-state.ts';
import type { Again } from './again.ts';
import { Suspension } from './suspension.ts';
import { TimedWait } from './timed-wait.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import type { CarriedMail } from '#shared/app/sending/carried-mail.ts';
import type { SigningPermission } from './signing-permission.ts';
import type { MailKeeper } from './mail-keeper.ts';
import type { OutboundWork, SignerPorts, SignerSettings } from './ports.ts';
import { signedCopy, type SigningKey } from './signed-copy.ts';
import { DAY_MS } from '#shared/core/time.ts';
import { UnusableKey } from './unusable-key.ts';

/** The state that the messages of one batch share. */
export interface Batch {
  readonly ports: SignerPorts;
  readonly settings: SignerSettings;
  /** No attempt begins after it: the function could end before the attempt does. */
  readonly deadline: Date;
  /** Set once SES throttles: nothing else of the batch is tried. */
  throttled: Again | undefined;
  readonly keeper: MailKeeper;
  /** Age of the oldest mail that was due, and neither held nor unclear. */
  oldestSeconds: number;
  count(name: string): void;
}

/** What a slowed sender gets of the send rate while others wait, of what they get. */
const SLOWED_SHARE = 0.1;

/** Signing is paused for a moment where another key takes over, else for hours: the waits grow. */
const PAUSED_SECONDS = 2;
/** For so long all signers leave the exit alone where it throttles one. */
const LONGEST_GAP_SECONDS = 5;

/**
 * Advances each recipient batch of a message: signs the message once, and hands due recipient
 * batches to Amazon SES, one at a time. Safe to run any number of times, also at once.
 *
 * @returns when to check again; undefined where every recipient batch is at its end
 */
export async function deliver(
  batch: Batch,
  stored: StoredMessage,
  sendPermission: SigningPermission,
  { place, carried }: Pick<OutboundWork, 'place' | 'carried'>,
): Promise<Again | undefined> {
  const { message, recipientBatches } = stored;
  const delivery = new MessageDelivery(batch, stored, sendPermission, place, carried);
  const ends: End[] = [];
  for (const recipientBatch of recipientBatches) ends.push(await delivery.advance(recipientBatch));
  if (delivery.sentSome) await noteSent(batch, sendPermission);
  const last = ends.flatMap((end) => end.recipientBatch ?? []);
  await publishEnds(batch.ports, message, last);
  if (delivery.hold !== undefined) await publishHeld(batch.ports, message, last, delivery.hold);
  const again = ends.reduce<Again | undefined>(
    (soonest, end) => sooner(soonest, end.again),
    undefined,
  );
  return again && { ...again, place: delivery.place };
}

/**
 * Publishes events of recipient batches that are refused or unclear, for any cause, and of
 * recipients on the suppression list. Events
 * that failed are published when the message comes again, under the same id.
 *
 * @throws what the bus throws; the message must come again
 */
export async function publishEnds(
  { bus }: Pick<SignerPorts, 'bus'>,
  message: Message,
  recipientBatches: readonly RecipientBatch[],
): Promise<void> {
  const events = recipientBatches.flatMap((recipientBatch) => [
    ...recipientBatchEvents(message, recipientBatch),
    ...messageSuppressedEvents(message, recipientBatch),
  ]);
  if (events.length > 0) await bus.put(events);
}

/** Publishes that a suspension holds a mail; of recipients that still wait. @throws what the bus throws */
async function publishHeld(
  { bus }: Pick<SignerPorts, 'bus'>,
  message: Message,
  recipientBatches: readonly RecipientBatch[],
  hold: SuspensionHold,
): Promise<void> {
  const events = recipientBatches.flatMap((each) => messageHeldEvents(message, each, hold));
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

/** The least wait for a mail that its message names, and that is not stored yet. */
const ABSENT_SECONDS = 60;
const NOT_KEPT = `The mail could not be sent within the ${MAIL_DAYS} days that it is kept for.`;

const REPLACED =
  'The stored mail is not the one that was inspected when it was submitted; submit it again.';

/** The outcome of an attempt whose call was not made after all. */
const notBegun: AttemptOutcome = {
  kind: 'throttled',
  reason: 'It could not be sent at once, because of the state of the account.',
  waitSeconds: 0,
};

type Copy =
  | { readonly kind: 'ready'; readonly raw: Buffer }
  /** Another message carries the mail, or a signer stores it at the moment. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly reason: string };

class MessageDelivery {
  sentSome = false;
  get hold(): SuspensionHold | undefined {
    return this.#suspension.hold;
  }
  readonly #batch: Batch;
  readonly #message: Message;
  readonly #sendPermission: SigningPermission;
  #copy: Copy | undefined;
  /** What the mail was signed with, until an attempt notes it. */
  #signed: Message['signed'];
  readonly #suspension: Suspension;
  readonly #timedWait: TimedWait;
  /** Recipients of all its recipient batches. */
  readonly #recipients: number;
  readonly #carried: CarriedMail | undefined;
  #place: number | undefined;

  constructor(
    batch: Batch,
    { message, recipientBatches }: StoredMessage,
    sendPermission: SigningPermission,
    place: number | undefined,
    carried: CarriedMail | undefined,
  ) {
    this.#batch = batch;
    this.#message = message;
    this.#sendPermission = sendPermission;
    this.#recipients = recipientBatches.reduce((sum, each) => sum + each.recipients.length, 0);
    this.#place = place;
    this.#carried = carried;
    this.#suspension = new Suspension(batch.ports, message, () => batch.keeper.keep(carried));
    this.#timedWait = new TimedWait(batch.ports, batch.settings, message);
  }

  async advance(start: RecipientBatch): Promise<End> {
    const { ports, settings } = this.#batch;
    let recipientBatch: RecipientBatch | undefined = start;
    while (recipientBatch !== undefined) {
      const step = nextStep(recipientBatch, ports.clock.now(), settings);
      if (step.kind === 'none') break;
      if (step.kind === 'wait') return { recipientBatch, again: { kind: 'at', at: step.until } };
      if (step.kind === 'hold') {
        await this.#batch.keeper.keep(this.#carried);
        this.#hold(recipientBatch);
        break;
      }
      if (step.kind === 'lose') {
        recipientBatch = await this.#write(loseAttempt(recipientBatch, ports.clock.now()));
        continue;
      }
      const verdict = await this.#suspension.verdict();
      if (verdict.kind === 'hold') break;
      if (verdict.kind === 'refuse') {
        recipientBatch = await this.#refuse(recipientBatch, verdict.reason);
        continue;
      }
      const again = await this.#postponed();
      if (again !== undefined && 'expired' in again) {
        recipientBatch = await this.#refuse(recipientBatch, again.expired);
        continue;
      }
      if (again !== undefined) return { recipientBatch, again };
      const sent = await this.#sendOrRefuse(recipientBatch);
      if (sent !== undefined && 'kind' in sent) return { recipientBatch, again: sent };
      recipientBatch = sent;
    }
    return { recipientBatch };
  }

  /** Its place in its tenant's line, where it has one. */
  get place(): number | undefined {
    return this.#place;
  }

  #hold({ index }: RecipientBatch): void {
    const { log } = this.#batch.ports;
    this.#batch.count('UnclearAttempts');
    log.error('a chunk stays unclear, and the policy is not to send it again', this.#names(index));
  }

  /** The reason to try nothing now, though it is due. */
  async #postponed(): Promise<Again | { readonly expired: string } | undefined> {
    const { throttled, deadline, ports } = this.#batch;
    const now = ports.clock.now();
    if (!this.#timedWait.isHeld) this.#noteAge(now);
    if (throttled !== undefined) return throttled;
    if (now >= deadline) return { kind: 'at', at: now };
    const { tenant, domain } = this.#message;
    if ((await ports.standings.of(tenant, domain)) === 'paused') {
      return this.#timedWait.keep('sending-paused');
    }
    if (this.#sendPermission.kind === 'signed') {
      const { claim, key } = this.#sendPermission;
      const confirmation = await ports.keyConfirmation.confirm(claim, key);
      if (confirmation.kind === 'absent') return this.#timedWait.keep('key-not-published');
      if (confirmation.kind === 'unconfirmed') return { kind: 'at', at: confirmation.until };
    }
    await this.#timedWait.end();
    if (this.#sendPermission.kind !== 'paused') return undefined;
    const { reason, revoked } = this.#sendPermission;
    if (revoked !== undefined) {
      const { claim, key } = revoked;
      await ports.askForAnotherKey(new UnusableKey(claim, key, reason, { isRevoked: true }));
    }
    ports.log.error('mail waits for a key', { reason, messageId: this.#message.id });
    return { kind: 'back-off', atLeastSeconds: PAUSED_SECONDS };
  }

  #noteAge(now: Date): void {
    const seconds = (now.getTime() - Date.parse(this.#message.createdAt)) / 1_000;
    this.#batch.oldestSeconds = Math.max(this.#batch.oldestSeconds, seconds);
  }

  /** @returns the recipient batch as it now is, or when it is its turn */
  async #sendOrRefuse(recipientBatch: RecipientBatch): Promise<RecipientBatch | Again | undefined> {
    const sendPermission = this.#sendPermission;
    if (sendPermission.kind === 'refused')
      return this.#refuse(recipientBatch, sendPermission.reason);
    const lease = await this.#lease(recipientBatch);
    if (lease.kind === 'wait') return { kind: 'at', at: new Date(lease.askAt) };
    const [copy, suppressed] = await Promise.all([
      this.#copy ?? this.#makeCopy(),
      this.#suppressed(recipientBatch),
    ]);
    this.#copy = copy;
    if (suppressed !== recipientBatch) return this.#write(suppressed);
    if (copy.kind === 'refused') return this.#refuse(recipientBatch, copy.reason);
    if (copy.kind === 'absent') return { kind: 'back-off', atLeastSeconds: ABSENT_SECONDS };
    const early = lease.at - this.#batch.ports.clock.now().getTime();
    if (early > 0) await this.#batch.ports.sleep(early);
    return this.#attempt(recipientBatch, copy.raw);
  }

  /** The recipient batch without those who came onto the suppression list since it was accepted. */
  async #suppressed(recipientBatch: RecipientBatch): Promise<RecipientBatch> {
    const listed = await this.#batch.ports.suppressions.among(
      this.#message.tenant,
      addressesToSend(recipientBatch),
    );
    return suppressRecipients(recipientBatch, listed);
  }

  /** Tokens of the send rate, before the mail is fetched and signed. @throws what the table throws */
  async #lease(recipientBatch: RecipientBatch): Promise<RateLease> {
    const { rateLeases, messages } = this.#batch.ports;
    const { tenant, id, createdAt: acceptedAt } = this.#message;
    // Read a moment ago, to see whether the sender is paused.
    const standing = await this.#batch.ports.standings.of(tenant, this.#message.domain);
    const share = standing === 'slowed' ? SLOWED_SHARE : 1;
    const before = (recipientBatch.index * RECIPIENTS_PER_BATCH) / share;
    const lease = await rateLeases.lease({
      tenant,
      acceptedAt,
      recipients: addressesToSend(recipientBatch).length,
      place: this.#place === undefined ? undefined : this.#place + before,
      joining: this.#recipients - recipientBatch.index * RECIPIENTS_PER_BATCH,
      share,
    });
    this.#place = lease.place - before;
    if (lease.kind === 'wait' && this.#message.place !== this.#place) {
      await messages.notePlace(tenant, id, this.#place);
    }
    return lease;
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
    const stored = await this.#write(begun, this.#signed);
    // By name, not by who wrote: a write that the SDK repeated is refused though its first try landed.
    if (stored?.leaseBy !== begun.leaseBy) return stored;
    this.#signed = undefined;
    if (recipientBatch.state === 'unclear') {
      this.#batch.count('UnclearAttempts');
      ports.log.warn(
        'no event settled an unclear chunk: sent again',
        this.#names(recipientBatch.index),
      );
    }
    if (!(await this.#mayExit(begun))) return this.#noteOutcome(begun, notBegun);
    const outcome = await ports.mailer.send(raw, {
      source: envelopeSender(this.#message),
      recipients: addressesToSend(begun),
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
    const ended = await this.#noteOutcome(begun, outcome);
    if (outcome.kind === 'throttled') {
      await ports.rateLeases.slowDown(Math.min(outcome.waitSeconds, LONGEST_GAP_SECONDS) * 1_000);
    }
    return ended;
  }

  /** Asks last, since whatever came before took its time. @throws what the tables throw */
  async #mayExit(begun: RecipientBatch): Promise<boolean> {
    try {
      return await this.#suspension.mayExit();
    } catch (error) {
      await this.#noteOutcome(begun, notBegun);
      throw error;
    }
  }

  #countOutcome(outcome: AttemptOutcome, { index, attempt }: RecipientBatch): void {
    const { ports } = this.#batch;
    const names = { ...this.#names(index), attempt };
    switch (outcome.kind) {
      case 'sent':
        this.sentSome = true;
        ports.log.info('a mail was sent', { ...names, exitId: outcome.exitId });
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
  async #write(
    next: RecipientBatch,
    signed?: Message['signed'],
  ): Promise<RecipientBatch | undefined> {
    const { tenant, id } = this.#message;
    const { messages } = this.#batch.ports;
    if (await messages.moveRecipientBatch(tenant, id, next, signed)) return next;
    return messages.recipientBatch(tenant, id, next.index);
  }

  /** Made once for all recipient batches. */
  async #makeCopy(): Promise<Copy> {
    const { clock, log } = this.#batch.ports;
    const { tenant, id, createdAt } = this.#message;
    const now = clock.now();
    if (now.getTime() - Date.parse(createdAt) >= MAIL_DAYS * DAY_MS) {
      return { kind: 'refused', reason: NOT_KEPT };
    }
    try {
      const loaded = await this.#load();
      if (loaded === undefined) {
        log.warn('a mail is not stored', { tenant, messageId: id });
        return { kind: 'absent' };
      }
      const raw = signedCopy(loaded.raw, {
        domain: this.#message.domain,
        signingKey: loaded.signingKey,
        profile: this.#batch.ports.mailer.exit.profile,
        now,
      });
      this.#logSigned();
      this.#signed = this.#message.signed === undefined ? this.#signatureAt(now) : undefined;
      return { kind: 'ready', raw };
    } catch (error) {
      if (error instanceof ReplacedMail) return this.#replaced();
      if (!(error instanceof SigningError) || error.code === 'key-unusable') throw error;
      return { kind: 'refused', reason: error.message };
    }
  }

  /** The mail and the key it is signed with, fetched at once; undefined where the mail is not stored. */
  async #load(): Promise<{ raw: Buffer; signingKey?: SigningKey } | undefined> {
    const { keys } = this.#batch.ports;
    const sendPermission = this.#sendPermission;
    if (sendPermission.kind !== 'signed') {
      const raw = await this.#read();
      return raw && { raw };
    }
    const { selector } = sendPermission.key;
    const [raw, key] = await Promise.all([
      this.#read(),
      keys.get(sendPermission.claim, sendPermission.key),
    ]);
    return raw && { raw, signingKey: { selector, key } };
  }

  /** @throws ReplacedMail where it is not the mail that was inspected */
  async #read(): Promise<Buffer | undefined> {
    if (this.#carried !== undefined) return this.#carried.raw;
    const { content } = this.#message;
    const raw = await this.#batch.ports.mails.get(this.#message, content?.etag);
    if (raw === undefined || content === undefined) return raw;
    if (createHash('sha256').update(raw).digest('hex') !== content.sha256) throw new ReplacedMail();
    return raw;
  }

  #replaced(): Copy {
    const { tenant, id } = this.#message;
    this.#batch.ports.log.error('a stored mail was replaced', { tenant, messageId: id });
    return { kind: 'refused', reason: REPLACED };
  }

  #logSigned(): void {
    const { tenant, id, domain } = this.#message;
    const { kind } = this.#sendPermission;
    const key = kind === 'signed' ? this.#sendPermission.key : undefined;
    const by = key === undefined ? {} : { selector: key.selector, keyId: key.id };
    this.#batch.ports.log.info('a mail was signed', { tenant, messageId: id, domain, ...by });
  }

  #signatureAt(now: Date): NonNullable<Message['signed']> {
    const { domain } = this.#message;
    const sendPermission = this.#sendPermission;
    const signature =
      sendPermission.kind === 'signed'
        ? { domain, selector: sendPermission.key.selector, keyId: sendPermission.key.id }
        : 'unsigned';
    return { at: now.toISOString(), signature };
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
