/** One attempt to deliver an event to an endpoint. */
export interface DeliveryAttempt {
  /** ISO 8601. */
  readonly at: string;
  /** The HTTP status that the endpoint answered with; absent where it did not answer. */
  readonly status?: number;
  /** The reason for the failure. */
  readonly error?: string;
}

export type DeliveryState = 'pending' | 'delivered' | 'failed';

/** The state of the delivery of one event to one endpoint. */
export interface Delivery {
  readonly state: DeliveryState;
  readonly attempts: readonly DeliveryAttempt[];
  /** When the next attempt is made, ISO 8601; absent at the end. */
  readonly nextAt?: string;
}

/**
 * Seconds between attempts: as often as a short disturbance wants, as long as a night's outage does;
 * 8 attempts over 28 hours.
 */
export const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const;

/** The endpoint has gone for good: no further attempt (Standard Webhooks, 410). */
const GONE = 410;

/**
 * The delivery after an attempt. Any 2xx is a success; 410 and the last attempt end it.
 *
 * @param random 0 to 1; pauses grow by up to a tenth, so that endpoints that were down are not all
 *   asked in one moment
 */
export function afterAttempt(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  random: number,
): Delivery {
  const attempts = [...delivery.attempts, attempt];
  const { status = 0 } = attempt;
  if (status >= 200 && status < 300) return { state: 'delivered', attempts };
  const pause = RETRY_SECONDS[attempts.length - 1];
  if (status === GONE || pause === undefined) return { state: 'failed', attempts };
  const nextAt = Date.parse(attempt.at) + pause * 1000 * (1 + random / 10);
  return { state: 'pending', attempts, nextAt: new Date(nextAt).toISOString() };
}

/** SQS delays a message by 15 minutes at most. */
const LONGEST_DELAY = 900;

/** Returns the seconds that a message about a delivery has to wait now; 0 where it is due. */
export const delayUntil = (nextAt: string | undefined, now: Date): number =>
  nextAt === undefined
    ? 0
    : Math.min(LONGEST_DELAY, Math.max(0, Math.ceil((Date.parse(nextAt) - now.getTime()) / 1000)));
