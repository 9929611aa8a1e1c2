import type { CountsKey, DayCounts, MailCounts } from '#shared/app/ports/mail-counts.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import type { SubmissionChannel } from '#shared/core/model/message.ts';

const keyText = ({ tenant, domain, day }: CountsKey): string => `${tenant} ${domain} ${day}`;

/** Counts in memory. */
export class MemoryMailCounts implements MailCounts {
  readonly #counts = new Map<string, DayCounts>();

  async add(key: CountsKey, channel: SubmissionChannel): Promise<void> {
    const before = this.#counts.get(keyText(key)) ?? {};
    this.#counts.set(keyText(key), { ...before, [channel]: (before[channel] ?? 0) + 1 });
  }

  async domains(tenant: TenantId, most: number): Promise<DomainName[]> {
    const names = [...this.#counts.keys()].map((key) => key.split(' '));
    const own = names.filter(([of]) => of === tenant).map(([, domain]) => domain as DomainName);
    return [...new Set(own)].toSorted().slice(0, most);
  }

  async read(of: Omit<CountsKey, 'day'>, days: readonly string[]): Promise<DayCounts[]> {
    return days.map((day) => this.#counts.get(keyText({ ...of, day })) ?? {});
  }
}
