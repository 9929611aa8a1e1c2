import { DAY_MS } from '../time.ts';
import type { DeliveryAttempt } from './delivery.ts';

/** The attempts that an endpoint failed since the last that it took. */
export interface EndpointFailures {
  readonly count: number;
  /** When the first was made, ISO 8601. */
  readonly since: string;
  /** No other request is made before, ISO 8601; absent while it is not slowed. */
  readonly nextAt?: string;
  /** Why the last attempt failed. */
  readonly reason: string;
}

/** An endpoint that nothing is sent to. */
export interface SwitchedOff {
  /** ISO 8601. */
  readonly at: string;
  readonly by: 'service' | 'tenant';
  readonly reason?: string;
}

/** Failures in a row after which an endpoint gets one request at a time, and pauses between them. */
const SLOWED_AFTER = 3;
const FIRST_PAUSE_MS = 30_000;
/** As far ahead as a queue can put a message. */
const LONGEST_PAUSE_MS = 900_000;
/** An endpoint is switched off once it has failed for so long, and so often. */
export const OFF_AFTER_DAYS = 3;
const OFF_AFTER_FAILURES = 10;
/** The endpoint has gone for good (Standard Webhooks 1.0.0). */
const GONE = 410;

/**
 * Counts one more failure.
 *
 * @param random 0 to 1; pauses grow by up to a tenth
 */
export function afterFailure(
  failures: EndpointFailures | undefined,
  { at, status, error }: DeliveryAttempt,
  random: number,
): EndpointFailures {
  const count = (failures?.count ?? 0) + 1;
  const slowness = count - SLOWED_AFTER;
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** slowness) * (1 + random / 10);
  return {
    count,
    since: failures?.since ?? at,
    reason: error ?? `answered ${status}`,
    ...(slowness < 0 ? {} : { nextAt: new Date(Date.parse(at) + pause).toISOString() }),
  };
}

/** Returns true if an endpoint gets one request at a time. */
export const isSlowed = (failures: EndpointFailures | undefined): failures is EndpointFailures =>
  failures?.nextAt !== undefined;

/** Returns true if an endpoint is to be switched off after an attempt that it failed. */
export const isGivenUp = ({ count, since }: EndpointFailures, attempt: DeliveryAttempt): boolean =>
  attempt.status === GONE ||
  (count >= OFF_AFTER_FAILURES &&
    Date.parse(attempt.at) - Date.parse(since) >= OFF_AFTER_DAYS * DAY_MS);
