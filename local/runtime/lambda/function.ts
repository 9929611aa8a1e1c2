import { randomUUID } from 'node:crypto';
import { ExecutionEnvironment, type FunctionSettings, type Outcome } from './environment.ts';
import type { LogFile } from './log.ts';

/** The most bytes of an event or an answer of a synchronous invocation: 6 MiB and the 100 bytes that Lambda allows beyond. */
export const PAYLOAD_LIMIT = 6 * 1024 * 1024 + 100;
/** Lambda runs a thousand at once; so many threads of one function are what a laptop bears. */
export const ENVIRONMENTS_PER_FUNCTION = 4;
/** Milliseconds that an invocation waits for a warm environment before it gets a new one, whose start takes longer. */
const WARM_WAIT = 100;
/** Milliseconds after which an environment without work is ended. */
const IDLE_LIMIT = 300_000;

/** The result of an invocation once the run has stopped. */
const CLOSED: Outcome = {
  answered: false,
  error: { errorType: 'Runtime.ExitError', errorMessage: 'the local run has stopped' },
};

interface InvocationOptions {
  readonly warmWait?: number;
  readonly onEnd?: (succeeded: boolean) => void;
}

/** A function and its execution environments: warm ones are used again, new ones started as needed. */
export class LambdaFunction {
  readonly settings: FunctionSettings;
  readonly #log: LogFile;
  readonly #warmWait: number;
  readonly #onEnd: (succeeded: boolean) => void;
  readonly #idle: { environment: ExecutionEnvironment; reaper: NodeJS.Timeout }[] = [];
  readonly #busy = new Set<ExecutionEnvironment>();
  readonly #waiting: ((environment: ExecutionEnvironment | undefined) => void)[] = [];
  #closed = false;

  /**
   * @param warmWait milliseconds that an invocation waits for a warm environment
   * @param onEnd is called after each invocation
   */
  constructor(
    settings: FunctionSettings,
    log: LogFile,
    { warmWait = WARM_WAIT, onEnd = () => {} }: InvocationOptions = {},
  ) {
    this.#onEnd = onEnd;
    this.settings = settings;
    this.#log = log;
    this.#warmWait = warmWait;
  }

  /** The number of invocations that are under way or wait for an environment. */
  get underWay(): number {
    return this.#busy.size + this.#waiting.length;
  }

  /**
   * When the first of the invocations under way goes on, where all of them only pause, epoch
   * milliseconds. -Infinity where one does not pause, Infinity where none is under way.
   */
  get goesOnAt(): number {
    if (this.#waiting.length > 0) return -Infinity;
    return Math.min(Infinity, ...[...this.#busy].map((environment) => environment.goesOnAt));
  }

  /**
   * Invokes the function and waits for its answer. Where every environment is busy the invocation
   * waits, which Lambda would answer with a throttle.
   *
   * @param payload the event as JSON, at most `PAYLOAD_LIMIT` bytes
   */
  async invoke(payload: string): Promise<Outcome & { readonly requestId: string }> {
    const requestId = randomUUID();
    const environment = await this.#take();
    if (environment === undefined) return { ...CLOSED, requestId };
    const started = performance.now();
    let outcome: Outcome;
    try {
      outcome = withinLimit(await environment.invoke(requestId, payload));
    } finally {
      this.#giveBack(environment);
    }
    this.#onEnd(outcome.answered);
    this.#log.write({
      time: new Date().toISOString(),
      type: 'platform.report',
      record: {
        requestId,
        status: outcome.answered ? 'success' : 'error',
        metrics: { durationMs: Math.round(performance.now() - started) },
        ...(outcome.answered ? {} : { error: outcome.error }),
      },
    });
    return { ...outcome, requestId };
  }

  /** Ends every environment wherever it is, as a crash of its machine would; running invocations fail. */
  async kill(): Promise<void> {
    const idle = this.#idle.splice(0);
    for (const { reaper } of idle) clearTimeout(reaper);
    await Promise.all(
      [...idle.map(({ environment }) => environment), ...this.#busy].map((environment) =>
        environment.terminate(),
      ),
    );
  }

  /** The same for good: what waits or comes later fails too. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    await this.kill();
  }

  #take(): Promise<ExecutionEnvironment | undefined> | ExecutionEnvironment | undefined {
    if (this.#closed) return undefined;
    for (let warm = this.#idle.pop(); warm !== undefined; warm = this.#idle.pop()) {
      clearTimeout(warm.reaper);
      if (!warm.environment.ended) return this.#use(warm.environment);
    }
    if (this.#busy.size === 0) return this.#use(this.#fresh());
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(() => this.#grow(resolve), this.#warmWait);
    });
  }

  /** Starts an environment for who still waits, where there may be one more. */
  #grow(waiting: (environment: ExecutionEnvironment | undefined) => void): void {
    const index = this.#waiting.indexOf(waiting);
    if (index === -1 || this.#busy.size >= ENVIRONMENTS_PER_FUNCTION) return;
    this.#waiting.splice(index, 1);
    waiting(this.#use(this.#fresh()));
  }

  #fresh(): ExecutionEnvironment {
    return new ExecutionEnvironment(this.settings, this.#log);
  }

  #use(environment: ExecutionEnvironment): ExecutionEnvironment {
    this.#busy.add(environment);
    return environment;
  }

  #giveBack(environment: ExecutionEnvironment): void {
    this.#busy.delete(environment);
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(this.#use(environment.ended ? this.#fresh() : environment));
      return;
    }
    if (environment.ended) return;
    const reaper = setTimeout(() => {
      const index = this.#idle.findIndex((idle) => idle.environment === environment);
      if (index === -1) return;
      this.#idle.splice(index, 1);
      void environment.terminate();
    }, IDLE_LIMIT).unref();
    this.#idle.push({ environment, reaper });
  }
}

function withinLimit(outcome: Outcome): Outcome {
  if (!outcome.answered || Buffer.byteLength(outcome.payload) <= PAYLOAD_LIMIT) return outcome;
  return {
    answered: false,
    error: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT} bytes).`,
    },
  };
}
