import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import type { DisclosedKey, WaitingKey } from '#shared/core/model/disclosure.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { DisclosureStore } from '#shared/app/ports/disclosure-store.ts';

const keyOf = ({ label, id }: Pick<WaitingKey, 'label' | 'id'>): string => `${label} ${id}`;

/** Private halves in memory, beside the claims that they are published by. */
export class MemoryDisclosureStore implements DisclosureStore {
  readonly #waiting = new Map<string, WaitingKey>();
  readonly #disclosed = new Map<string, DisclosedKey>();
  readonly #claims: { get(key: ClaimKey): Promise<Claim | undefined> };

  constructor(claims: { get(key: ClaimKey): Promise<Claim | undefined> }) {
    this.#claims = claims;
  }

  /** Puts a key there as it leaves its ring. */
  add(key: WaitingKey): void {
    this.#waiting.set(keyOf(key), structuredClone(key));
  }

  async due(now: string, { cursor, limit }: { cursor?: string; limit: number }) {
    const all = [...this.#waiting.values()]
      .filter(({ dueAt }) => dueAt <= now)
      .map((key) => ({ key, place: `${key.dueAt} ${keyOf(key)}` }))
      .filter(({ place }) => place > (cursor ?? ''))
      .toSorted((one, other) => (one.place < other.place ? -1 : 1));
    const page = all.slice(0, limit);
    return {
      keys: page.map(({ key }) => key),
      cursor: all.length > limit ? page.at(-1)?.place : undefined,
    };
  }

  async of(label: Label) {
    const isOf = (one: { label: Label }) => one.label === label;
    return {
      waiting: [...this.#waiting.values()].filter(isOf),
      disclosed: [...this.#disclosed.values()].filter(isOf),
    };
  }

  async put(key: WaitingKey): Promise<void> {
    this.#requireRevision(key, key.revision - 1);
    this.#waiting.set(keyOf(key), key);
  }

  async forget(key: WaitingKey): Promise<void> {
    this.#requireRevision(key, key.revision);
    this.#waiting.delete(keyOf(key));
  }

  async publish(key: WaitingKey, disclosed: DisclosedKey, claim: Claim): Promise<void> {
    const now = await this.#claims.get(claim);
    this.#requireRevision(key, key.revision);
    if (now?.version !== claim.version || now.label !== claim.label) throw new Conflict(key.id);
    this.#waiting.delete(keyOf(key));
    this.#disclosed.set(keyOf(key), disclosed);
  }

  #requireRevision(key: WaitingKey, revision: number): void {
    if (this.#waiting.get(keyOf(key))?.revision !== revision) throw new Conflict(key.id);
  }
}
