import { AccountCounts } from '../../lambdas/ses-events/account-counts.ts';
import type { SesEventsPorts } from '../../lambdas/ses-events/apply-events.ts';
import type { OperatorEvent } from '#shared/core/model/operator-event.ts';
import { MemoryEventBus } from './event-bus.ts';
import { MemoryMessageStore } from './message-store.ts';
import { MemoryReputationStore } from './reputation-store.ts';
import { MemorySuppressionStore } from './suppression-store.ts';

/** The limits of a deployment whose operator set none. */
export const reputationLimits = {
  bounces: { slow: 5, pause: 10 },
  complaints: { slow: 0.3, pause: 1 },
};

/** The ports of what reads SES's events, in memory. */
export function givenSesEvents(
  given: {
    readonly settings?: SesEventsPorts['settings'];
    readonly messages?: MemoryMessageStore;
    readonly suppressions?: MemorySuppressionStore;
    readonly reputations?: MemoryReputationStore;
    readonly bus?: MemoryEventBus;
  } = {},
) {
  const operatorEvents: OperatorEvent[] = [];
  const counted: string[] = [];
  const logged: string[] = [];
  const log = (message: string) => void logged.push(message);
  const lines: object[] = [];
  const { reputations = new MemoryReputationStore() } = given;
  const clock = { now: () => new Date('2026-11-20T10:00:00.000Z') };
  const ports = {
    settings: { limits: reputationLimits, isEnforced: true },
    messages: new MemoryMessageStore(),
    suppressions: new MemorySuppressionStore(),
    reputations,
    account: new AccountCounts(reputations, clock),
    bus: new MemoryEventBus(),
    operatorEvents: {
      put: async (events: readonly OperatorEvent[]) => void operatorEvents.push(...events),
    },
    countStanding: (name: string) => void counted.push(name),
    clock,
    log: {
      info: (message: string, details: object) => void lines.push({ message, ...details }),
      warn: log,
      error: log,
    },
    ...given,
  } satisfies SesEventsPorts;
  return { ports, operatorEvents, counted, logged, lines };
}
