import type { RateLease } from '#shared/core/model/rate-lease.ts';
import {
  addressesToSend,
  RECIPIENTS_PER_BATCH,
  type RecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import type { Delivery } from './delivery.ts';

/** What a slowed sender gets of the send rate while others wait, of what they get. */
const SLOWED_SHARE = 0.1;

/** A message's turn in its tenant's line for the send rate. */
export class RateTurn {
  readonly #delivery: Delivery;
  #place: number | undefined;

  constructor(delivery: Delivery, place: number | undefined) {
    this.#delivery = delivery;
    this.#place = place;
  }

  /** Its place in its tenant's line, where it has one. */
  get place(): number | undefined {
    return this.#place;
  }

  /** Leases tokens of the send rate, before the mail is fetched and signed. @throws what the table throws */
  async lease(recipientBatch: RecipientBatch): Promise<RateLease> {
    const { batch, message, recipients } = this.#delivery;
    const { rateLeases, messages, standings } = batch.ports;
    const { tenant, id, createdAt: acceptedAt } = message;
    // Read a moment ago, to see whether the sender is paused.
    const standing = await standings.of(tenant, message.domain);
    const share = standing === 'slowed' ? SLOWED_SHARE : 1;
    const earlier = recipientBatch.index * RECIPIENTS_PER_BATCH;
    const before = earlier / share;
    const lease = await rateLeases.lease({
      tenant,
      acceptedAt,
      recipients: addressesToSend(recipientBatch).length,
      place: this.#place === undefined ? undefined : this.#place + before,
      joining: recipients - earlier,
      share,
    });
    this.#place = lease.place - before;
    if (lease.kind === 'wait' && message.place !== this.#place) {
      await messages.notePlace(tenant, id, this.#place);
    }
    return lease;
  }
}
