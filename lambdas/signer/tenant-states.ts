import type { Clock } from '#shared/app/ports/clock.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { activeState, type TenantState } from '#shared/core/model/tenant-state.ts';
import { RecentReads } from '#shared/app/recent-reads.ts';

/** No state is so young: it is read. */
export const ALWAYS_READ = -1;

/**
 * The states of tenants, each at most so old as the caller says. Mails of a tenant share a read, so
 * that it is at most one a mail.
 */
export class TenantStates {
  readonly #tenants: Pick<TenantStore, 'stateOf'>;
  readonly #reads: RecentReads<TenantState>;

  constructor(tenants: Pick<TenantStore, 'stateOf'>, clock: Clock) {
    this.#tenants = tenants;
    this.#reads = new RecentReads(clock);
  }

  /**
   * Returns the state by a read that began at most `maxAge` milliseconds ago, as of this call. A
   * tenant without an item is from before there were such, and active.
   *
   * @throws what the table throws; nothing is remembered then
   */
  async of(tenant: TenantId, maxAge: number): Promise<TenantState> {
    return this.#reads.of(
      tenant,
      maxAge,
      async () => (await this.#tenants.stateOf(tenant)) ?? activeState,
    );
  }

  /**
   * Returns true if the tenant is active by a read that began at most `maxAge` milliseconds before
   * this returns; false too where reads take longer than that.
   */
  async isActive(tenant: TenantId, maxAge: number): Promise<boolean> {
    for (let tries = 0; tries < 2; tries += 1) {
      const { status } = await this.of(tenant, maxAge);
      if (status !== 'active') return false;
      if (this.#reads.ageOf(tenant) <= maxAge) return true;
    }
    return false;
  }
}
