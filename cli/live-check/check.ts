import type { Lab } from './lab.ts';

/**
 * - `held`: AWS does what the service relies on.
 * - `did-not`: it does something else, and `bytes` has what.
 * - `could-not`: it could not be tried, and `says` has why.
 */
export type Outcome = 'held' | 'did-not' | 'could-not';

export interface Result {
  readonly check: string;
  /** What the service relies on, in one sentence. */
  readonly line: string;
  readonly outcome: Outcome;
  readonly says: string;
  /** What AWS answered, word for word. */
  readonly bytes: readonly string[];
}

export interface Check {
  readonly line: string;
  /** The beginning of the row of docs/live-account.md that it tries; absent where it has none. */
  readonly row?: string;
  /** @throws DidNot, CouldNot; whatever else AWS answers did not hold either */
  run(this: void, lab: Lab, bytes: Bytes): Promise<void>;
}

/** AWS did something else than the service relies on. */
export class DidNot extends Error {}
/** It could not be tried here. */
export class CouldNot extends Error {}

/** Keeps what was asked and answered. */
export class Bytes {
  readonly lines: string[] = [];

  /** Makes a call, and keeps its answer or its error. @throws what the call throws */
  async of<Answer>(what: string, call: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await call();
      this.lines.push(`${what}: ${textOf(answer)}`);
      return answer;
    } catch (error) {
      this.lines.push(`${what}: ${wordsOf(error)}`);
      throw error;
    }
  }

  /**
   * Makes a call that must be refused.
   *
   * @param names of errors, one of which AWS must answer with
   * @throws DidNot where it is not refused, or by another error
   */
  async refused(
    what: string,
    names: readonly string[],
    call: () => Promise<unknown>,
  ): Promise<void> {
    let name: string;
    try {
      await this.of(what, call);
      name = 'nothing';
    } catch (error) {
      ({ name } = error as Error);
    }
    if (names.includes(name)) return;
    throw new DidNot(`It must be refused by ${names.join(' or ')}, and was by ${name}.`);
  }
}

/** @throws DidNot where it is not so */
export function demand(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new DidNot(otherwise);
}

function textOf(answer: unknown): string {
  if (typeof answer === 'string') return answer;
  if (typeof answer !== 'object' || answer === null) return String(answer);
  const { $metadata: metadata, ...fields } = answer as { $metadata?: { requestId?: string } };
  const id = metadata?.requestId === undefined ? '' : ` (request ${metadata.requestId})`;
  return `${JSON.stringify(fields)}${id}`;
}

function wordsOf(error: unknown): string {
  const {
    name,
    message,
    $metadata: metadata,
  } = error as Error & {
    $metadata?: { httpStatusCode?: number; requestId?: string };
  };
  const from = metadata && ` (${metadata.httpStatusCode}, request ${metadata.requestId})`;
  return `${name}: ${message}${from ?? ''}`;
}

/** Runs checks one after another, since SES takes one control call a second. Never throws. */
export async function runChecks(
  checks: Readonly<Record<string, Check>>,
  lab: Lab,
  onResult: (result: Result) => void = () => {},
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [check, { line, run }] of Object.entries(checks)) {
    const bytes = new Bytes();
    const resultOf = (outcome: Outcome, says: string): Result => ({
      check,
      line,
      outcome,
      says,
      bytes: bytes.lines,
    });
    let result: Result;
    try {
      await run(lab, bytes);
      result = resultOf('held', 'It is so.');
    } catch (error) {
      result = resultOf(
        error instanceof CouldNot ? 'could-not' : 'did-not',
        (error as Error).message,
      );
    }
    onResult(result);
    results.push(result);
  }
  return results;
}
