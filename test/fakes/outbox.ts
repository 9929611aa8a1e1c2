import { minuteOf, type Minutes, type Outbox, type OutboxEntry } from '#shared/app/ports/outbox.ts';

const PAGE = 2;

/** The outbox in memory, with small pages. */
export class MemoryOutbox implements Outbox {
  done: Date | undefined;
  readonly #minutes = new Map<number, Map<string, OutboxEntry>>();

  async enter({ tenant, id }: OutboxEntry, at: Date): Promise<void> {
    const minute = minuteOf(at).getTime();
    const entries = this.#minutes.get(minute) ?? new Map<string, OutboxEntry>();
    this.#minutes.set(minute, entries.set(`${tenant} ${id}`, { tenant, id }));
  }

  async entries({ first, last }: Minutes, cursor = '0') {
    const all = [...this.#minutes]
      .filter(([minute]) => minute >= first.getTime() && minute <= last.getTime())
      .flatMap(([, entries]) => [...entries.values()]);
    const start = Number(cursor);
    const next = start + PAGE;
    return {
      entries: all.slice(start, next),
      cursor: next < all.length ? String(next) : undefined,
    };
  }

  async doneUntil(): Promise<Date | undefined> {
    return this.done;
  }

  async noteDone(minute: Date): Promise<void> {
    this.done = minute;
  }
}
