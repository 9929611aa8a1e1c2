import type { CountedReputation, ReputationStore } from '#shared/app/ports/reputation-store.ts';
import {
  addCounts,
  newReputation,
  WINDOW_DAYS,
  windowDay,
  type PassedOn,
  type Reputation,
  type ReputationCounts,
  type ReputationSubject,
  type Standing,
} from '#shared/core/model/reputation.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';

type Kept = Omit<Reputation, 'counts'> & {
  readonly days: ReadonlyMap<number, ReputationCounts>;
  readonly passed?: PassedOn;
};

/** Reputations in memory. */
export class MemoryReputationStore implements ReputationStore {
  readonly #kept = new Map<string, Kept>();

  async count(
    subject: ReputationSubject,
    counts: ReputationCounts,
    at: string,
  ): Promise<CountedReputation> {
    const kept = this.#of(subject);
    const day = windowDay(at);
    const sum = addCounts(kept.days.get(day) ?? newReputation.counts, counts);
    const { outcomes, passedOn } = kept.passed ?? nothingPassedOn;
    const passed = { outcomes: outcomes + counts.outcomes, passedOn };
    this.#kept.set(keyOf(subject), { ...kept, days: new Map([...kept.days, [day, sum]]), passed });
    return { ...this.#asOf(subject, at), passed };
  }

  async passOn(subject: ReputationSubject, { outcomes, passedOn }: PassedOn): Promise<boolean> {
    const kept = this.#of(subject);
    const { passed = nothingPassedOn } = kept;
    if (passed.passedOn !== passedOn) return false;
    this.#kept.set(keyOf(subject), { ...kept, passed: { ...passed, passedOn: outcomes } });
    return true;
  }

  async move(
    subject: ReputationSubject,
    from: Standing,
    standing: Standing,
    since: string,
  ): Promise<boolean> {
    const kept = this.#of(subject);
    if (kept.standing !== from) return false;
    this.#kept.set(keyOf(subject), { ...kept, standing, since });
    return true;
  }

  async among(subjects: readonly ReputationSubject[], at: string): Promise<Reputation[]> {
    return subjects.map((subject) => this.#asOf(subject, at));
  }

  async ofTenant(
    tenant: TenantId,
    at: string,
  ): Promise<{ whole: Reputation; domains: Map<DomainName, Reputation> }> {
    const prefix = `${tenant} `;
    const names = [...this.#kept.keys()]
      .filter((key) => key.startsWith(prefix) && key !== prefix)
      .map((key) => key.slice(prefix.length) as DomainName);
    return {
      whole: this.#asOf({ tenant }, at),
      domains: new Map(names.map((domain) => [domain, this.#asOf({ tenant, domain }, at)])),
    };
  }

  async days(subject: ReputationSubject, at: string, length: number): Promise<ReputationCounts[]> {
    const { days } = this.#of(subject);
    const first = windowDay(at) - length + 1;
    return Array.from({ length }, (_, index) => days.get(first + index) ?? newReputation.counts);
  }

  async reset(subject: ReputationSubject, exempt: boolean, since: string): Promise<void> {
    this.#kept.set(keyOf(subject), { standing: 'good', since, exempt, days: new Map() });
  }

  #of(subject: ReputationSubject): Kept {
    return this.#kept.get(keyOf(subject)) ?? { standing: 'good', days: new Map() };
  }

  #asOf(subject: ReputationSubject, at: string): Reputation {
    const { days, passed: _, ...rest } = this.#of(subject);
    const today = windowDay(at);
    const counts = [...days]
      .filter(([day]) => day <= today && day > today - WINDOW_DAYS)
      .reduce((sum, [, each]) => addCounts(sum, each), newReputation.counts);
    return { ...rest, counts };
  }
}

const nothingPassedOn: PassedOn = { outcomes: 0, passedOn: 0 };

const keyOf = ({ tenant, domain = '' as never }: ReputationSubject) => `${tenant} ${domain}`;
