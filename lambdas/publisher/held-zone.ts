import type { ShardName } from '#shared/core/model/names.ts';
import { within } from '#shared/async/timeout.ts';
import type { PublisherPorts } from './ports.ts';

/**
 * A lease outlasts the longest call of Route 53 (12 s with its connection), so that a change that
 * began under it ends under it.
 */
const LEASE_MS = 15_000;
/** A lease is not extended more often than this. */
const EXTEND_AFTER_MS = 1_000;
/** Until then, an urgent request keeps others from the zone; it is made again while it waits. */
const REQUEST_MS = 10_000;
/** A pass does not wait longer than this to give the zone back: its lease ends by itself. */
const RELEASE_MS = 2_000;

/** The passes over the publish queue share a name: FIFO gives a zone to one of them at a time. */
const ORDINARY = 'publish';

/** Another publisher holds the zone, or an urgent one waits for it; nothing was done. */
export class ZoneTaken extends Error {
  constructor(shard: ShardName) {
    super(`another publisher is at the zone ${shard}`);
    this.name = 'ZoneTaken';
  }
}

/** One pass's lease of its zone. */
export class HeldZone {
  readonly #ports: Pick<PublisherPorts, 'leases' | 'clock' | 'log'>;
  readonly #shard: ShardName;
  readonly #urgent: boolean;
  readonly #by: string;
  #takenAt: number | undefined;

  /** @param urgent true for revocations, which others make way for */
  constructor(
    ports: Pick<PublisherPorts, 'leases' | 'clock' | 'log' | 'newName'>,
    shard: ShardName,
    urgent: boolean,
  ) {
    this.#ports = ports;
    this.#shard = shard;
    this.#urgent = urgent;
    this.#by = urgent ? ports.newName() : ORDINARY;
  }

  /**
   * Takes the zone, or extends the lease of it; to be called before each change.
   *
   * @throws ZoneTaken where another has it or urgently wants it; it is given back then
   */
  async keep(): Promise<void> {
    const { leases, clock } = this.#ports;
    const now = clock.now().getTime();
    if (this.#takenAt !== undefined && now - this.#takenAt < EXTEND_AFTER_MS) return;
    const request = { by: this.#by, now, until: now + LEASE_MS, urgent: this.#urgent };
    if (await leases.take(this.#shard, request)) {
      this.#takenAt = now;
      return;
    }
    if (this.#urgent) await leases.request(this.#shard, now + REQUEST_MS);
    await this.release();
    throw new ZoneTaken(this.#shard);
  }

  /** Gives the zone back, if it was taken; a lease that cannot be given back ends by itself. */
  async release(): Promise<void> {
    if (this.#takenAt === undefined) return;
    this.#takenAt = undefined;
    const { leases, log } = this.#ports;
    try {
      await within(RELEASE_MS, leases.release(this.#shard, this.#by), undefined);
    } catch (error) {
      const reason = `the zone was not given back: ${String(error)}`;
      log({ kind: 'waiting', shard: this.#shard, reason });
    }
  }
}
