import { Throttled } from '#shared/core/model/errors.ts';
import { retry, throttledUntil, type RetryTime } from '#shared/async/retry.ts';
import type { TimeSlots } from './ports/time-slots.ts';

/** SES takes one control call a second of an account; a little more between them allows for the network's own rate. */
export const BETWEEN_CALLS_MS = 1_050;
/** Calls of SES until a new claim has its value. */
export const CALLS_PER_NEW_CLAIM = 2;

interface CallPorts extends RetryTime {
  /** The turns at SES that all instances share. */
  readonly turns: TimeSlots;
}

/**
 * Makes one call of SES's control plane in a turn that no other instance has.
 *
 * @param deadline epoch milliseconds after which no throttled call is made again
 * @throws Throttled where SES or the table of turns still throttles then
 */
export const callInTurn = <T>(
  ports: CallPorts,
  deadline: number,
  work: () => Promise<T>,
): Promise<T> =>
  retry(
    throttledUntil(deadline),
    async () => {
      const now = ports.clock.now().getTime();
      const at = await ports.turns.reserve(1, BETWEEN_CALLS_MS, now);
      if (at > now) await ports.sleep(at - now);
      try {
        return await work();
      } catch (error) {
        // Others in the account call SES too; all instances make room for them.
        if (error instanceof Throttled) await ports.turns.hold(BETWEEN_CALLS_MS, at);
        throw error;
      }
    },
    ports,
  );
