import type { Clock } from './http.ts';
import type { SesEvent } from './ses-events.ts';
import type { SesStore } from './ses-store.ts';

export type Publish = (event: SesEvent, configurationSet: string) => Promise<void>;

const RETRY_MS = 1000;
/** Checks again at the latest then, so that a clock that is set does not matter. */
const LONGEST_WAIT_MS = 60_000;

/** Publishes the journal's events when they are due, each until it was taken once, oldest first. */
export class EventJournal {
  readonly #store: SesStore;
  readonly #publish: Publish;
  readonly #now: Clock;
  readonly #log: (message: string) => void;
  #held = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(store: SesStore, publish: Publish, now: Clock, log: (message: string) => void) {
    this.#store = store;
    this.#publish = publish;
    this.#now = now;
    this.#log = log;
    this.wake();
  }

  /** Keeps all events back, or lets them go. */
  hold(held: boolean): void {
    this.#held = held;
    this.wake();
  }

  /** To be called when there may be an event. */
  wake(): void {
    if (this.#running !== undefined || this.#closed || this.#held) return;
    clearTimeout(this.#timer);
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Waits for the event that is being published; the others stay for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    let delay: number | undefined;
    while (!this.#closed && !this.#held && delay === undefined) {
      const next = this.#store.nextEvent();
      if (next === undefined) return;
      const early = next.dueAt - this.#now();
      if (early > 0) {
        delay = Math.min(early, LONGEST_WAIT_MS);
        break;
      }
      try {
        await this.#publish(next.event, next.configurationSet);
        this.#store.deleteEvent(next.sequence);
      } catch (error) {
        this.#log(`SES event ${next.event.eventType} could not be published: ${String(error)}`);
        delay = RETRY_MS;
      }
    }
    if (delay === undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.wake(), delay).unref();
  }
}
