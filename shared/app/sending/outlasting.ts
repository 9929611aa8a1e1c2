import { retry, type Pause, type RetryLimits, type RetryTime } from '#shared/async/retry.ts';
import type { Budgets } from '../budgets/budgets.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { MailStore } from '../ports/mail.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { SuppressionStore } from '../ports/suppression-store.ts';

/** The ports of a submission that it cannot do without. */
export interface OutlastedPorts {
  readonly claims: Pick<ClaimStore, 'getHeld' | 'everClaimedAround'>;
  readonly budgets: Pick<Budgets, 'take'>;
  readonly messages: Pick<MessageStore, 'create' | 'get'>;
  readonly mails: Pick<MailStore, 'put'>;
  readonly suppressions: Pick<SuppressionStore, 'among'>;
  readonly outbox: Pick<Outbox, 'enter'>;
  readonly retryTime: RetryTime;
  /** Returns true if waiting helps against an error of the ports. */
  readonly isOutage: (error: unknown) => boolean;
}

/** Calls are made again for so long: the API answers within 29 s, with a last try of the SDK's own. */
const OUTLAST_MS = 15_000;
/** Beside the pauses of the SDK. */
const PAUSE: Pause = { firstMs: 200, longestMs: 3_000, jitter: 0.5 };

/**
 * The same ports, whose calls are made again while a service is out. The queue is not among them:
 * the outbox does what it could not.
 */
export function outlasting<Ports extends OutlastedPorts>(ports: Ports): Ports {
  const { retryTime, isOutage } = ports;
  const deadline = retryTime.clock.now().getTime() + OUTLAST_MS;
  const again = async <T>(call: () => Promise<T>): Promise<T> => {
    const limits: RetryLimits = { on: isOutage, deadline, pause: PAUSE };
    return retry(limits, call, retryTime);
  };
  const { claims, budgets, messages, mails, suppressions, outbox } = ports;
  const patient: Omit<OutlastedPorts, 'retryTime' | 'isOutage'> = {
    claims: {
      getHeld: (...args) => again(() => claims.getHeld(...args)),
      everClaimedAround: (...args) => again(() => claims.everClaimedAround(...args)),
    },
    budgets: { take: (...args) => again(() => budgets.take(...args)) },
    messages: {
      create: (...args) => again(() => messages.create(...args)),
      get: (...args) => again(() => messages.get(...args)),
    },
    mails: { put: (...args) => again(() => mails.put(...args)) },
    suppressions: { among: (...args) => again(() => suppressions.among(...args)) },
    outbox: { enter: (...args) => again(() => outbox.enter(...args)) },
  };
  return { ...ports, ...patient };
}
