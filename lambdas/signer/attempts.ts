import type { Message } from '#shared/core/model/message.ts';
import {
  addressesToSend,
  type AttemptOutcome,
  beginAttempt,
  endAttempt,
  type RecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import { type Delivery, namesOf } from './delivery.ts';
import type { MailCopy } from './mail-copy.ts';
import { moveRecipientBatch } from './move-recipient-batch.ts';
import type { Suspension } from './suspension.ts';

/** For so long all signers leave the exit alone where it throttles one. */
const LONGEST_GAP_SECONDS = 5;

/** The outcome of an attempt whose call was not made after all. */
const notBegun: AttemptOutcome = {
  kind: 'throttled',
  reason: 'It could not be sent at once, because of the state of the account.',
  waitSeconds: 0,
};

/** The SES calls of one message. */
export class Attempts {
  /** True once SES took a recipient batch. */
  sentSome = false;
  readonly #delivery: Delivery;
  readonly #copy: MailCopy;
  readonly #suspension: Suspension;

  constructor(delivery: Delivery, copy: MailCopy, suspension: Suspension) {
    this.#delivery = delivery;
    this.#copy = copy;
    this.#suspension = suspension;
  }

  /**
   * Makes one SES call: noted before, under a lease, so that no other attempt runs beside it; and after.
   *
   * @param raw the signed copy
   * @returns the recipient batch as it is now stored
   * @throws what the tables throw
   */
  async make(recipientBatch: RecipientBatch, raw: Buffer): Promise<RecipientBatch | undefined> {
    const { batch, message, sendPermission } = this.#delivery;
    const { ports, settings } = batch;
    const until = new Date(ports.clock.now().getTime() + settings.leaseSeconds * 1000);
    const begun = beginAttempt(recipientBatch, { until, by: ports.newLease() });
    const stored = await moveRecipientBatch(this.#delivery, begun, this.#copy.unnoted);
    // By name, not by who wrote: a write that the SDK repeated is refused though its first try landed.
    if (stored?.leaseBy !== begun.leaseBy) return stored;
    this.#copy.noted();
    if (recipientBatch.state === 'unclear') this.#countSentAgain(recipientBatch);
    if (!(await this.#mayExit(begun))) return this.#noteOutcome(begun, notBegun);
    const outcome = await ports.mailer.send(raw, {
      source: envelopeSender(message),
      recipients: addressesToSend(begun),
      tags: {
        tenant: message.tenant,
        message: message.id,
        recipientBatch: begun.index,
        attempt: begun.attempt,
      },
    });
    this.#countOutcome(outcome, begun);
    if (outcome.kind === 'sent' && sendPermission.kind === 'signed') {
      ports.postSendVerification.sent(raw, sendPermission.claim, sendPermission.key);
    }
    const ended = await this.#noteOutcome(begun, outcome);
    if (outcome.kind === 'throttled') {
      await ports.rateLeases.slowDown(Math.min(outcome.waitSeconds, LONGEST_GAP_SECONDS) * 1_000);
    }
    return ended;
  }

  #countSentAgain({ index }: RecipientBatch): void {
    const { batch } = this.#delivery;
    batch.count('UnclearAttempts');
    batch.ports.log.warn(
      'no event settled an unclear chunk: sent again',
      namesOf(this.#delivery, index),
    );
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
    const { batch } = this.#delivery;
    const { log } = batch.ports;
    const names = { ...namesOf(this.#delivery, index), attempt };
    switch (outcome.kind) {
      case 'sent':
        this.sentSome = true;
        // No metric of ours: SES counts what it took as `AWS/SES` `Send`.
        return log.info('a mail was sent', { ...names, exitId: outcome.exitId });
      case 'throttled':
        batch.throttled = { kind: 'back-off', atLeastSeconds: outcome.waitSeconds };
        log.warn('Amazon SES asks to wait', { ...names, reason: outcome.reason });
        return batch.count('SendThrottled');
      case 'refused':
        log.info('Amazon SES refused', { ...names, reason: outcome.reason });
        return batch.count('MessagesRefused');
      case 'unclear':
        return log.warn('an attempt is unclear', { ...names, reason: outcome.reason });
      default:
        return outcome satisfies never;
    }
  }

  /** Notes how an attempt ended, however often the recipient batch was moved meanwhile (by SES events). */
  async #noteOutcome(
    begun: RecipientBatch,
    outcome: AttemptOutcome,
  ): Promise<RecipientBatch | undefined> {
    const { clock } = this.#delivery.batch.ports;
    let recipientBatch: RecipientBatch | undefined = begun;
    while (recipientBatch !== undefined) {
      const ended = endAttempt(recipientBatch, begun.attempt, outcome, clock.now());
      if (ended === recipientBatch) return recipientBatch;
      const stored = await moveRecipientBatch(this.#delivery, ended);
      if (stored === ended) return ended;
      recipientBatch = stored;
    }
    return undefined;
  }
}

/**
 * The envelope's sender is under the From domain, never an address of the message's own. SES takes
 * identity and custom MAIL FROM of it (so that SPF aligns), and replaces it by its own bounce
 * address. No mailbox gets the bounces, which come as events.
 */
const envelopeSender = ({ domain }: Message) => `bounces@${domain}`;
