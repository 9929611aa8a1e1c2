import type { Clock } from '#shared/app/ports/clock.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { worse, type Standing } from '#shared/core/model/reputation.ts';
import { RecentReads } from '#shared/app/recent-reads.ts';

/** A standing is so old at most; events of receivers come later than that anyway. */
const FRESH_MS = 15_000;

/** The standings of tenants' domains, each the worse of its tenant's and its own. */
export class SendingStandings {
  readonly #reputations: Pick<ReputationStore, 'among'>;
  readonly #isEnforced: boolean;
  readonly #reads: RecentReads<Standing>;

  /** @param isEnforced false where everybody sends as if in good standing */
  constructor(reputations: Pick<ReputationStore, 'among'>, clock: Clock, isEnforced: boolean) {
    this.#reputations = reputations;
    this.#isEnforced = isEnforced;
    this.#reads = new RecentReads(clock);
  }

  /** @throws what the table throws */
  async of(tenant: TenantId, domain: DomainName): Promise<Standing> {
    if (!this.#isEnforced) return 'good';
    return this.#reads.of(`${tenant} ${domain}`, FRESH_MS, (now) =>
      this.#read(tenant, domain, now.toISOString()),
    );
  }

  async #read(tenant: TenantId, domain: DomainName, at: string): Promise<Standing> {
    const found = await this.#reputations.among([{ tenant }, { tenant, domain }], at);
    return found.reduce<Standing>(
      (sum, { standing, exempt }) => (exempt === true ? sum : worse(sum, standing)),
      'good',
    );
  }
}
