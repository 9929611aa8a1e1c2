import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { LogFile } from './log.ts';
import {
  functionError,
  type EnvironmentSettings,
  type FromWorker,
  type FunctionError,
  type Invocation,
} from './protocol.ts';

/** The result of one invocation. */
export type Outcome =
  | { readonly answered: true; readonly payload: string }
  | { readonly answered: false; readonly error: FunctionError };

/** A function as the host runs it. */
export interface FunctionSettings extends Omit<EnvironmentSettings, 'logStream'> {
  readonly timeoutSeconds: number;
  /** All its environment variables, Lambda's own included. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Megabytes for what is young: by default each of the isolates has 48. */
const YOUNG_MEGABYTES = 6;
/** Lambda allows so long for loading a bundle (in milliseconds). */
const INIT_LIMIT = 10_000;

/**
 * A worker thread that holds a function's bundle and handles one invocation at a time. A fault of
 * the thread (an uncaught error, an exit, the end of its time) ends the environment with it.
 */
export class ExecutionEnvironment {
  readonly #settings: FunctionSettings;
  readonly #worker: Worker;
  /** Resolves with what was wrong with loading, undefined when the bundle is there. */
  readonly #loaded = Promise.withResolvers<FunctionError | undefined>();
  #settle: ((outcome: Outcome) => void) | undefined;
  #requestId: string | undefined;
  #ended = false;
  #pausingUntil: number | undefined;

  constructor(settings: FunctionSettings, log: LogFile) {
    this.#settings = settings;
    const { environment, timeoutSeconds: _, ...rest } = settings;
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;
    this.#worker = new Worker(new URL('./boot.mjs', import.meta.url), {
      workerData: { ...rest, logStream } satisfies EnvironmentSettings,
      env: { ...environment, AWS_LAMBDA_LOG_STREAM_NAME: logStream },
      resourceLimits: {
        maxOldGenerationSizeMb: settings.memoryMegabytes,
        maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
      },
      execArgv: [],
    });
    const initTimer = setTimeout(() => {
      void this.#abandon({
        errorType: 'Sandbox.Timedout',
        errorMessage: `Error: Task timed out after ${INIT_LIMIT / 1000} seconds while it was loaded`,
      });
    }, INIT_LIMIT);
    void this.#loaded.promise.then(() => clearTimeout(initTimer));
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'printed') log.print(message.text, message.level, this.#requestId);
      else this.#receive(message);
    });
    this.#worker.on('error', (error) => {
      const failure = functionError(error);
      log.write({ timestamp: new Date().toISOString(), level: 'ERROR', ...failure });
      this.#end(failure);
    });
    this.#worker.on('exit', (code) => {
      this.#end({
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${this.#requestId} Error: Runtime exited with error: exit status ${code}`,
      });
    });
  }

  /** When an invocation that only pauses goes on, epoch milliseconds; -Infinity where it does not pause. */
  get goesOnAt(): number {
    return this.#pausingUntil ?? -Infinity;
  }

  /** True if the thread is gone: the environment takes no further invocation. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Runs the handler on an event.
   *
   * @param payload the event as JSON
   */
  async invoke(requestId: string, payload: string): Promise<Outcome> {
    this.#requestId = requestId;
    this.#pausingUntil = undefined;
    const initError = await this.#loaded.promise;
    if (initError !== undefined) return { answered: false, error: initError };
    if (this.#ended) {
      const errorMessage = `RequestId: ${requestId} Error: the execution environment ended before`;
      return { answered: false, error: { errorType: 'Runtime.ExitError', errorMessage } };
    }
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#settle = resolve;
    const limit = this.#settings.timeoutSeconds;
    const timer = setTimeout(() => {
      void this.#abandon({
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${requestId} Error: Task timed out after ${limit.toFixed(2)} seconds`,
      });
    }, limit * 1000);
    const invocation: Invocation = { requestId, payload, deadline: Date.now() + limit * 1000 };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(invocation);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#pausingUntil = undefined;
    }
  }

  /** Ends the thread wherever it is; a running invocation fails. */
  async terminate(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  #receive(message: Exclude<FromWorker, { kind: 'printed' }>): void {
    switch (message.kind) {
      case 'ready':
        this.#loaded.resolve(undefined);
        return;
      case 'init-failed':
        void this.#abandon(message.error);
        return;
      case 'pausing':
        this.#pausingUntil = message.until;
        return;
      case 'answered':
        this.#settle?.({ answered: true, payload: message.payload });
        return;
      case 'failed':
        this.#settle?.({ answered: false, error: message.error });
    }
  }

  async #abandon(error: FunctionError): Promise<void> {
    this.#end(error);
    await this.terminate();
  }

  /** Settles all that waits for the thread; earlier settlements stay as they were. */
  #end(error: FunctionError): void {
    this.#ended = true;
    this.#loaded.resolve(error);
    this.#settle?.({ answered: false, error });
  }
}
