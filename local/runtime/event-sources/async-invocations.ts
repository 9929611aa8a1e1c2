import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { readJsonFile, writeFileAtomically } from '../../aws/state-file.ts';
import type { Outcome } from '../lambda/environment.ts';

const pendingEvent = z.object({ functionName: z.string(), payload: z.string() });
type PendingEvent = z.infer<typeof pendingEvent>;

export interface AsyncTarget {
  readonly invoke: (payload: string) => Promise<Outcome & { readonly requestId: string }>;
  /** Further tries of an event that failed, at most two. */
  readonly retries: number;
  /** Takes an event that failed for good, and why; undefined where there is no dead-letter queue. */
  readonly giveUp:
    | ((payload: string, attributes: Readonly<Record<string, string>>) => Promise<void>)
    | undefined;
}

/** Milliseconds before the second and the third try, as Lambda waits. */
const RETRY_PAUSES = [60_000, 120_000];

/**
 * Lambda's queue of asynchronous invocations: an event is tried up to three times, then goes to the
 * function's dead-letter queue. Each event that is not done is kept in a file of its own, so that a
 * killed run goes on with it.
 */
export class AsyncInvocations {
  readonly #folder: string;
  readonly #pending: Map<string, PendingEvent>;
  readonly #targets: ReadonlyMap<string, AsyncTarget>;
  readonly #log: (problem: string) => void;
  readonly #pauses: readonly number[];
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  /**
   * @param folder for the events; earlier runs kept theirs in one file, named like it
   * @param targets by function name
   * @param pauses milliseconds before each further try
   */
  constructor(
    folder: string,
    targets: ReadonlyMap<string, AsyncTarget>,
    log: (problem: string) => void,
    pauses: readonly number[] = RETRY_PAUSES,
  ) {
    this.#folder = folder;
    this.#pending = new Map([...eventsInFile(`${folder}.json`), ...eventsIn(folder)]);
    for (const [id, event] of this.#pending) this.#write(id, event);
    rmSync(`${folder}.json`, { force: true });
    this.#targets = targets;
    this.#log = log;
    this.#pauses = pauses;
  }

  /** Goes on with what an earlier run left undone. */
  start(): void {
    for (const id of this.#pending.keys()) this.#run(id);
  }

  /** @throws Error where there is no such function */
  submit(functionName: string, payload: string): void {
    if (!this.#targets.has(functionName)) throw new Error(`there is no function ${functionName}`);
    const id = randomUUID();
    const event = { functionName, payload };
    this.#pending.set(id, event);
    this.#write(id, event);
    this.#run(id);
  }

  /** Tries no more; resolves when the invocations under way are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  #run(id: string): void {
    const work = this.#tryAll(id)
      .catch((error: unknown) => this.#log(`asynchronous invocation: ${String(error)}`))
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #tryAll(id: string): Promise<void> {
    const { functionName, payload } = this.#pending.get(id) as PendingEvent;
    const target = this.#targets.get(functionName);
    if (target !== undefined) {
      const outcome = await this.#try(target, payload);
      if (outcome === 'stopped') return;
      if (!outcome.answered) {
        this.#log(`${functionName}: an event failed for good: ${outcome.error.errorMessage}`);
        await target.giveUp?.(payload, {
          RequestID: outcome.requestId,
          ErrorCode: '200',
          ErrorMessage: outcome.error.errorMessage.slice(0, 1024),
        });
      }
    }
    this.#pending.delete(id);
    rmSync(this.#fileOf(id), { force: true });
  }

  async #try(
    target: AsyncTarget,
    payload: string,
  ): Promise<(Outcome & { readonly requestId: string }) | 'stopped'> {
    const { signal } = this.#stopping;
    let outcome = await target.invoke(payload);
    for (const pause of this.#pauses.slice(0, target.retries)) {
      if (outcome.answered) break;
      try {
        await sleep(pause, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return 'stopped';
        throw error;
      }
      outcome = await target.invoke(payload);
    }
    // An invocation that the end of this run cut off is left for the next one.
    return !outcome.answered && signal.aborted ? 'stopped' : outcome;
  }

  #write(id: string, event: PendingEvent): void {
    writeFileAtomically(this.#fileOf(id), JSON.stringify(event));
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

const eventsInFile = (file: string): [string, PendingEvent][] =>
  Object.entries(z.record(z.string(), pendingEvent).parse(readJsonFile(file) ?? {}));

function eventsIn(folder: string): [string, PendingEvent][] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => [
      name.slice(0, -'.json'.length),
      pendingEvent.parse(readJsonFile(join(folder, name))),
    ]);
}
