import {
  addressesToSend,
  loseAttempt,
  nextStep,
  suppressRecipients,
  type RecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import type { SuspensionHold } from '#shared/core/model/tenant-state.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import { type Again, sooner } from './again.ts';
import { Attempts } from './attempts.ts';
import { type Batch, type Delivery, namesOf } from './delivery.ts';
import { MailCopy } from './mail-copy.ts';
import { moveRecipientBatch, refuse } from './move-recipient-batch.ts';
import type { OutboundWork } from './ports.ts';
import { Postponement } from './postponement.ts';
import { publishEnds, publishHeld } from './publish-ends.ts';
import { RateTurn } from './rate-turn.ts';
import type { SigningPermission } from './signing-permission.ts';
import { Suspension } from './suspension.ts';

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
  { place, carried }: Pick<OutboundWork, 'place' | 'carried'>,
): Promise<Again | undefined> {
  const recipients = recipientBatches.reduce((sum, each) => sum + each.recipients.length, 0);
  const of: Delivery = { batch, message, sendPermission, recipients, carried };
  const delivery = new MessageDelivery(of, place);
  const ends: End[] = [];
  for (const recipientBatch of recipientBatches) ends.push(await delivery.advance(recipientBatch));
  if (delivery.sentSome) await noteSent(of);
  const last = ends.flatMap((end) => end.recipientBatch ?? []);
  await publishEnds(batch.ports, message, last);
  if (delivery.hold !== undefined) await publishHeld(batch.ports, message, last, delivery.hold);
  const again = ends.reduce<Again | undefined>(
    (soonest, end) => sooner(soonest, end.again),
    undefined,
  );
  return again && { ...again, place: delivery.place };
}

/** A recipient batch as it now is (undefined: gone), and when to check it again. */
interface End {
  readonly recipientBatch: RecipientBatch | undefined;
  readonly again?: Again;
}

/** The least wait for a mail that its message names, and that is not stored yet. */
const ABSENT_SECONDS = 60;

class MessageDelivery {
  readonly #delivery: Delivery;
  readonly #suspension: Suspension;
  readonly #postponement: Postponement;
  readonly #turn: RateTurn;
  readonly #copy: MailCopy;
  readonly #attempts: Attempts;

  constructor(delivery: Delivery, place: number | undefined) {
    const { batch, message, carried } = delivery;
    this.#delivery = delivery;
    this.#suspension = new Suspension(batch.ports, message, () => batch.keeper.keep(carried));
    this.#postponement = new Postponement(delivery);
    this.#turn = new RateTurn(delivery, place);
    this.#copy = new MailCopy(delivery);
    this.#attempts = new Attempts(delivery, this.#copy, this.#suspension);
  }

  get sentSome(): boolean {
    return this.#attempts.sentSome;
  }
  get hold(): SuspensionHold | undefined {
    return this.#suspension.hold;
  }
  get place(): number | undefined {
    return this.#turn.place;
  }

  async advance(start: RecipientBatch): Promise<End> {
    const { batch, carried } = this.#delivery;
    const { ports, settings } = batch;
    let recipientBatch: RecipientBatch | undefined = start;
    while (recipientBatch !== undefined) {
      const step = nextStep(recipientBatch, ports.clock.now(), settings);
      if (step.kind === 'none') break;
      if (step.kind === 'wait') return { recipientBatch, again: { kind: 'at', at: step.until } };
      if (step.kind === 'hold') {
        await batch.keeper.keep(carried);
        this.#countHeld(recipientBatch);
        break;
      }
      if (step.kind === 'lose') {
        const lost = loseAttempt(recipientBatch, ports.clock.now());
        recipientBatch = await moveRecipientBatch(this.#delivery, lost);
        continue;
      }
      const verdict = await this.#suspension.verdict();
      if (verdict.kind === 'hold') break;
      if (verdict.kind === 'refuse') {
        recipientBatch = await refuse(this.#delivery, recipientBatch, verdict.reason);
        continue;
      }
      const again = await this.#postponement.again();
      if (again !== undefined && 'expired' in again) {
        recipientBatch = await refuse(this.#delivery, recipientBatch, again.expired);
        continue;
      }
      if (again !== undefined) return { recipientBatch, again };
      const sent = await this.#sendOrRefuse(recipientBatch);
      if (sent !== undefined && 'kind' in sent) return { recipientBatch, again: sent };
      recipientBatch = sent;
    }
    return { recipientBatch };
  }

  #countHeld({ index }: RecipientBatch): void {
    const { batch } = this.#delivery;
    batch.count('UnclearAttempts');
    batch.ports.log.error(
      'a chunk stays unclear, and the policy is not to send it again',
      namesOf(this.#delivery, index),
    );
  }

  /** @returns the recipient batch as it now is, or when it is its turn */
  async #sendOrRefuse(recipientBatch: RecipientBatch): Promise<RecipientBatch | Again | undefined> {
    const { batch, sendPermission } = this.#delivery;
    const { clock, sleep } = batch.ports;
    if (sendPermission.kind === 'refused') {
      return refuse(this.#delivery, recipientBatch, sendPermission.reason);
    }
    const lease = await this.#turn.lease(recipientBatch);
    if (lease.kind === 'wait') return { kind: 'at', at: new Date(lease.askAt) };
    const [copy, suppressed] = await Promise.all([
      this.#copy.get(),
      this.#suppressed(recipientBatch),
    ]);
    if (suppressed !== recipientBatch) return moveRecipientBatch(this.#delivery, suppressed);
    if (copy.kind === 'refused') return refuse(this.#delivery, recipientBatch, copy.reason);
    if (copy.kind === 'absent') return { kind: 'back-off', atLeastSeconds: ABSENT_SECONDS };
    const early = lease.at - clock.now().getTime();
    if (early > 0) await sleep(early);
    return this.#attempts.make(recipientBatch, copy.raw);
  }

  /** The recipient batch without those who came onto the suppression list since it was accepted. */
  async #suppressed(recipientBatch: RecipientBatch): Promise<RecipientBatch> {
    const { batch, message } = this.#delivery;
    const listed = await batch.ports.suppressions.among(
      message.tenant,
      addressesToSend(recipientBatch),
    );
    return suppressRecipients(recipientBatch, listed);
  }
}

/** That a domain sent decides how often it is checked; a failure to note it never fails a mail. */
async function noteSent({ batch: { ports }, sendPermission }: Delivery): Promise<void> {
  if (sendPermission.kind !== 'signed') return;
  const { label, domain } = sendPermission.claim;
  try {
    await ports.sendingLog.noteSent(label, ports.clock.now().toISOString());
  } catch (error) {
    ports.log.warn('could not note that a domain sent', { domain, error });
  }
}
