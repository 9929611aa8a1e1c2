import { HOUR_MS } from '../time.ts';

/** One attempt to deliver an event to an endpoint. */
export interface DeliveryAttempt {
  /** ISO 8601. */
  readonly at: string;
  /** The HTTP status that the endpoint answered with; absent where it did not answer. */
  readonly status?: number;
  /** The reason for the failure. */
  readonly error?: string;
}

/** Returns true if the endpoint took it: any 2xx. */
export const isTaken = ({ status = 0 }: Pick<DeliveryAttempt, 'status'>): boolean =>
  status >= 200 && status < 300;

/** `missed`: it was not sent, or not any more, since the endpoint was switched off or failed all the time. */
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'missed';

/** The state of the delivery of one event to one endpoint. */
export interface Delivery {
  readonly state: DeliveryState;
  readonly attempts: readonly DeliveryAttempt[];
  /** When the next attempt is made, ISO 8601; absent at the end. */
  readonly nextAt?: string;
  /** The request by which it was begun once more; absent where it never was. */
  readonly replay?: string;
  /** Attempts made before that. */
  readonly triedBefore?: number;
}

/**
 * Seconds between attempts: as often as a short disturbance wants, as long as a night's outage does;
 * 8 attempts over 28 hours.
 */
export const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const;

/** The endpoint has gone for good: no further attempt (Standard Webhooks, 410). */
const GONE = 410;

/** A delivery that waits for its endpoint is given up after this time, as one that is tried is. */
export const LONGEST_WAIT_MS = 28 * HOUR_MS;

/**
 * A delivery begun once more, with all its attempts; unchanged where this request began it before.
 *
 * @param replay identifies the request
 */
export function replayed<T extends Delivery>(delivery: T, replay: string): T {
  if (delivery.replay === replay) return delivery;
  const { nextAt: _nextAt, ...rest } = delivery;
  return { ...rest, state: 'pending', replay, triedBefore: delivery.attempts.length } as T;
}

/**
 * The delivery after an attempt. Any 2xx is a success; 410 and the last attempt end it.
 *
 * @param random 0 to 1; pauses grow by up to a tenth, so that endpoints that were down are not all
 *   asked in one moment
 * @param once true where one attempt is all
 */
export function afterAttempt(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  random: number,
  once = false,
): Delivery {
  const attempts = [...delivery.attempts, attempt];
  const { state: _state, nextAt: _nextAt, attempts: _attempts, ...begun } = delivery;
  const { status } = attempt;
  if (isTaken(attempt)) return { ...begun, state: 'delivered', attempts };
  const pause = RETRY_SECONDS[attempts.length - (delivery.triedBefore ?? 0) - 1];
  if (once || status === GONE || pause === undefined)
    return { ...begun, state: 'failed', attempts };
  const nextAt = Date.parse(attempt.at) + pause * 1000 * (1 + random / 10);
  return { ...begun, state: 'pending', attempts, nextAt: new Date(nextAt).toISOString() };
}

/** SQS delays a message by 15 minutes at most. */
const LONGEST_DELAY = 900;

/** Returns the seconds that a message about a delivery has to wait now; 0 where it is due. */
export const delayUntil = (nextAt: string | undefined, now: Date): number =>
  nextAt === undefined
    ? 0
    : Math.min(LONGEST_DELAY, Math.max(0, Math.ceil((Date.parse(nextAt) - now.getTime()) / 1000)));
