import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import { BudgetExceeded } from '#shared/core/model/errors.ts';
import type { WebhookOwner } from '#shared/app/ports/webhook-store.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** Reserved for a request of a tenant with a slow endpoint; a request is given up after this time. */
const SLOW_SECONDS = 10;
/** Reserved for any other, so that a burst to prompt endpoints goes out fast. */
const PROMPT_SECONDS = 2;
/** A tenant has a slow endpoint for this time after a slow request. */
const SLOW_MS = 10 * MINUTE_MS;
/** A tenant without time left is not asked about again within this time. */
const REMEMBERED_MS = 1_000;

export interface WebhookTimePorts {
  readonly budgets: Pick<Budgets, 'take' | 'adjust' | 'limit'>;
  readonly clock: Clock;
}

/** The time that tenants' endpoints may keep requests waiting, as this instance knows it. */
export class WebhookTime {
  readonly #ports: WebhookTimePorts;
  readonly #usedUpUntil = new Map<WebhookOwner, number>();
  readonly #slowUntil = new Map<WebhookOwner, number>();

  constructor(ports: WebhookTimePorts) {
    this.#ports = ports;
  }

  /** Returns true if a tenant had no time left a moment ago. */
  isUsedUp(tenant: WebhookOwner): boolean {
    return (this.#usedUpUntil.get(tenant) ?? 0) > this.#ports.clock.now().getTime();
  }

  /**
   * Does a request within its tenant's time. What it is likely to take is reserved before, so that
   * requests under way are limited too: by the default 30 at a time, 6 once an endpoint is slow.
   * What it took more or less is counted afterwards.
   *
   * @param wasSlow true where an earlier attempt of this delivery was not answered
   * @returns undefined, with nothing done, where the tenant has no time left
   */
  async spend<T>(
    tenant: WebhookOwner,
    wasSlow: boolean,
    request: () => Promise<T>,
  ): Promise<T | undefined> {
    const { budgets, clock } = this.#ports;
    const isSlow = wasSlow || (this.#slowUntil.get(tenant) ?? 0) > clock.now().getTime();
    const reserved = Math.min(
      isSlow ? SLOW_SECONDS : PROMPT_SECONDS,
      Math.max(1, await budgets.limit(tenant, 'webhook-seconds-minute')),
    );
    const taken = await this.#reserve(tenant, reserved);
    if (taken === undefined) return undefined;
    const startedAt = clock.now().getTime();
    try {
      return await request();
    } finally {
      const endedAt = clock.now().getTime();
      const tenths = Math.ceil((endedAt - startedAt) / 100);
      if (tenths > PROMPT_SECONDS * 10) this.#slowUntil.set(tenant, endedAt + SLOW_MS);
      await budgets.adjust(taken, (tenths - reserved * 10) / 10);
    }
  }

  async #reserve(tenant: WebhookOwner, seconds: number) {
    try {
      return await this.#ports.budgets.take(tenant, 'webhook-seconds', seconds);
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      this.#usedUpUntil.set(tenant, this.#ports.clock.now().getTime() + REMEMBERED_MS);
      return undefined;
    }
  }
}
