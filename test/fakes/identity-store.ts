import type { Identity, IdentityStore, IdentityView } from '#shared/app/ports/identities.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';

/** SES identities, and what claims see of them, in memory. */
export class MemoryIdentityStore implements IdentityStore {
  readonly items = new Map<DomainName, Identity>();
  readonly viewItems = new Map<Label, IdentityView>();
  count: number | undefined;

  async get(domain: DomainName): Promise<Identity | undefined> {
    return this.items.get(domain);
  }

  async getMany(domains: readonly DomainName[]): Promise<Map<DomainName, Identity>> {
    return some(this.items, domains);
  }

  async put(next: Omit<Identity, 'version'>, before: Identity | undefined): Promise<Identity> {
    this.#requireUnchanged(next.domain, before);
    const written = { ...next, version: (before?.version ?? 0) + 1 };
    this.items.set(next.domain, written);
    return written;
  }

  async delete(identity: Identity): Promise<void> {
    this.#requireUnchanged(identity.domain, identity);
    this.items.delete(identity.domain);
  }

  async *all(): AsyncIterable<readonly Identity[]> {
    yield [...this.items.values()];
  }

  async views(labels: readonly Label[]): Promise<Map<Label, IdentityView>> {
    return some(this.viewItems, labels);
  }

  async putView(view: IdentityView): Promise<void> {
    this.viewItems.set(view.label, { ...view });
  }

  async deleteView(label: Label): Promise<void> {
    this.viewItems.delete(label);
  }

  async used(): Promise<number | undefined> {
    return this.count;
  }

  async noteUsed(count: number): Promise<void> {
    this.count = count;
  }

  async addUsed(difference: number): Promise<void> {
    if (this.count !== undefined) this.count += difference;
  }

  #requireUnchanged(domain: DomainName, before: Identity | undefined): void {
    if (this.items.get(domain)?.version !== before?.version) {
      throw new Conflict(`the identity of ${domain}`);
    }
  }
}

const some = <Key, Value>(all: ReadonlyMap<Key, Value>, keys: readonly Key[]): Map<Key, Value> =>
  new Map(
    keys.flatMap((key) => {
      const value = all.get(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
