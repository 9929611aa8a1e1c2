import type { ClaimKey } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { DomainEvent } from '#shared/core/model/event.ts';
import type { History } from '#shared/app/ports/history.ts';

/** Events of domains, in memory. */
export class MemoryHistory implements History {
  readonly #events = new Map<string, DomainEvent>();

  async note(event: DomainEvent): Promise<void> {
    const { tenant, at, id, data } = event;
    this.#events.set(`${tenant} ${data.domain} ${at} ${id}`, structuredClone(event));
  }

  async of(
    { tenant, domain }: ClaimKey,
    { cursor, limit }: { cursor?: string; limit: number },
  ): ReturnType<History['of']> {
    const keys = [...this.#events.keys()]
      .filter((key) => key.startsWith(`${tenant} ${domain} `))
      .toSorted()
      .toReversed();
    const after = cursor === undefined ? -1 : keys.indexOf(cursor);
    if (cursor !== undefined && after < 0) throw new Refusal('invalid-cursor', 'no such cursor');
    const page = keys.slice(after + 1, after + 1 + limit);
    return {
      events: page.map((key) => this.#events.get(key)!),
      cursor: after + 1 + limit < keys.length ? page.at(-1) : undefined,
    };
  }
}
