/** The documented thresholds: of all that is in flight, of it at least so many, of the processing time. */
const CONCURRENCY_SHARE = 0.1;
const CONCURRENCY = 30;
const TIME_SHARE = 0.1;
/** A tenant that has sent nothing for so long is quiet. */
const SILENCE_MS = 300_000;
/** The decay of processing time: past time is worth 1/e after so long. AWS says only "recent". */
const RECENT_MS = 60_000;

/** The share of the consumers that a tenant, or all of them, take. */
class Load {
  inFlight = 0;
  #time = 0;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** Recent processing time in milliseconds, that of messages in flight until now included. */
  time(now: number): number {
    const fading = Math.exp(-Math.max(0, now - this.#at) / RECENT_MS);
    return this.#time * fading + this.inFlight * RECENT_MS * (1 - fading);
  }

  change(by: number, now: number): void {
    this.#time = this.time(now);
    this.#at = now;
    this.inFlight += by;
  }
}

class Tenant extends Load {
  /** When its last message was sent, as far as that is known. */
  sentAt: number;

  constructor(now: number) {
    super(now);
    this.sentAt = now;
  }
}

/**
 * Finds the noisy neighbours among a standard queue's tenants: developer guide, "How Amazon SQS
 * fair queues work". A message without a group is a tenant of its own, which is never noisy.
 */
export class FairShares {
  #all: Load | undefined;
  readonly #tenants = new Map<string, Tenant>();

  /** A message of the tenant was sent. */
  sent(tenant: string | undefined, now: number): void {
    if (tenant !== undefined) this.#tenant(tenant, now).sentAt = now;
  }

  /** A message of the tenant goes in flight (1) or comes back (-1). */
  inFlight(by: 1 | -1, tenant: string | undefined, now: number): void {
    this.#all ??= new Load(now);
    this.#all.change(by, now);
    if (tenant !== undefined) this.#tenant(tenant, now).change(by, now);
  }

  /** None of the tenant's messages waits: unless some are in flight, it counts as quiet again. */
  drained(tenant: string | undefined): void {
    if (tenant === undefined || this.inFlightOf(tenant) > 0) return;
    this.#tenants.delete(tenant);
  }

  inFlightOf(tenant: string): number {
    return this.#tenants.get(tenant)?.inFlight ?? 0;
  }

  noisy(now: number): ReadonlySet<string> {
    const all = this.#all;
    if (all === undefined) return new Set();
    const time = all.time(now);
    const noisy = [...this.#tenants].filter(([, tenant]) => {
      if (now - tenant.sentAt >= SILENCE_MS) return false;
      const concurrent =
        tenant.inFlight >= CONCURRENCY && tenant.inFlight > all.inFlight * CONCURRENCY_SHARE;
      return concurrent || tenant.time(now) > time * TIME_SHARE;
    });
    return new Set(noisy.map(([name]) => name));
  }

  #tenant(name: string, now: number): Tenant {
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    const tenant = new Tenant(now);
    this.#tenants.set(name, tenant);
    return tenant;
  }
}
