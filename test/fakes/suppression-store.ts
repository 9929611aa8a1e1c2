import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import { decodeCursor, encodeCursor } from '#shared/adapters/aws/cursor.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { suppressionDigest, type Suppression } from '#shared/core/model/suppression.ts';

/** Suppression lists in memory. */
export class MemorySuppressionStore implements SuppressionStore {
  readonly #byKey = new Map<string, Suppression>();

  async among(tenant: TenantId, addresses: readonly string[]): Promise<Set<string>> {
    return new Set(addresses.filter((address) => this.#byKey.has(keyOf(tenant, address))));
  }

  async get(tenant: TenantId, address: string): Promise<Suppression | undefined> {
    return this.#byKey.get(keyOf(tenant, address));
  }

  async add(suppression: Suppression): Promise<void> {
    const key = keyOf(suppression.tenant, suppression.address);
    if (!this.#byKey.has(key)) this.#byKey.set(key, suppression);
  }

  async addAll(_tenant: TenantId, suppressions: readonly Suppression[]): Promise<number> {
    const before = this.#byKey.size;
    for (const each of suppressions) await this.add(each);
    return this.#byKey.size - before;
  }

  async remove(tenant: TenantId, address: string): Promise<Suppression | undefined> {
    const key = keyOf(tenant, address);
    const found = this.#byKey.get(key);
    this.#byKey.delete(key);
    return found;
  }

  async list(
    tenant: TenantId,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ suppressions: Suppression[]; cursor: string | null }> {
    const after = cursor === undefined ? '' : decodeCursor(tenant, cursor);
    const found = [...this.#byKey]
      .filter(([key, { tenant: of }]) => of === tenant && key > after)
      .toSorted(([one], [other]) => (one < other ? -1 : 1));
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      suppressions: page.map(([, suppression]) => suppression),
      cursor: last === undefined ? null : encodeCursor(tenant, last[0]),
    };
  }
}

const keyOf = (tenant: TenantId, address: string) =>
  `${tenant} ${suppressionDigest(tenant, address)}`;
