import type { HandOverStore } from '#shared/app/ports/hand-over-store.ts';
import type { ContactOwner } from '#shared/core/model/contact.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { HandOver } from '#shared/core/model/hand-over.ts';
import type { ContactId } from '#shared/core/model/names.ts';

/** Hand-overs in memory, by the rules of the port. */
export class MemoryHandOverStore implements HandOverStore {
  readonly #items = new Map<string, HandOver>();

  async get(owner: ContactOwner, contact: ContactId): Promise<HandOver | undefined> {
    return this.#items.get(`${owner} ${contact}`);
  }

  async byLink(hash: string): Promise<HandOver | undefined> {
    return [...this.#items.values()].find(({ links }) => links.some((link) => link.hash === hash));
  }

  async put(before: HandOver | undefined, next: HandOver): Promise<void> {
    const key = `${next.owner} ${next.contact}`;
    if (this.#items.get(key)?.revision !== before?.revision) {
      throw new Conflict(`the hand-over to ${next.contact}`);
    }
    this.#items.set(key, structuredClone(next));
  }

  async due(now: string, limit: number): Promise<HandOver[]> {
    return [...this.#items.values()]
      .filter(({ mailing }) => mailing !== undefined && mailing.dueAt <= now)
      .toSorted((one, other) => (one.mailing!.dueAt < other.mailing!.dueAt ? -1 : 1))
      .slice(0, limit);
  }
}
