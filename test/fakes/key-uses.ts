import type { TenantId } from '#shared/core/model/names.ts';
import type { KeyUse, KeyUses } from '#shared/app/ports/key-uses.ts';

/** Uses of keys in memory, by the rules of the port. */
export class MemoryKeyUses implements KeyUses {
  readonly #uses = new Map<string, KeyUse>();

  async note(use: KeyUse): Promise<void> {
    const known = this.#uses.get(use.key);
    if (known === undefined || known.at < use.at) this.#uses.set(use.key, use);
  }

  async of(tenant: TenantId): Promise<KeyUse[]> {
    return [...this.#uses.values()].filter((use) => use.tenant === tenant);
  }
}
