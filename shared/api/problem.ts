import { STATUS_CODES } from 'node:http';
import type { BudgetName } from '#shared/core/model/budgets.ts';
import {
  BudgetExceeded,
  Conflict,
  Refusal,
  refusalStatus,
  Throttled,
  type RefusalCode,
} from '#shared/core/model/errors.ts';

/** An error as it is answered: RFC 9457 problem details. */
export interface Problem {
  /** Names the kind of problem; stable across releases. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** A sentence: what was wrong, with what, and what to do. */
  readonly detail: string;
  /** The last part of `type`, for programs that switch on it. */
  readonly code: RefusalCode | 'internal-error';
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
  /** The budget that is used up, as `GET /v1/limits` names it. */
  readonly budget?: BudgetName;
}

const busySeconds = 2;

/**
 * The problem that an error is answered with. Only a Refusal's own words are shown: what any other
 * error says may name other tenants' data or our insides, and goes to the log instead.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof BudgetExceeded) {
    const { code, message, retryAfter, budget } = error;
    return { ...problem(code, message, retryAfter), budget };
  }
  if (error instanceof Refusal) return problem(error.code, error.message, error.retryAfter);
  if (error instanceof Conflict || error instanceof Throttled) {
    return problem('busy', 'The service is busy with this; try again.', busySeconds);
  }
  return problem(
    'internal-error',
    'The service failed to answer; it has been noted. Try again, with the same Idempotency-Key if the request had one.',
  );
}

/** Returns true if an error is a fault of ours, to be logged with its cause. */
export const isInternal = (error: unknown): boolean => problemOf(error).code === 'internal-error';

function problem(code: Problem['code'], detail: string, retryAfter?: number): Problem {
  const status = code === 'internal-error' ? 500 : refusalStatus[code];
  return {
    type: `urn:sender-domains:problem:${code}`,
    title: STATUS_CODES[status] as string,
    status,
    detail,
    code,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
