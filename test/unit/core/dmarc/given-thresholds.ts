import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';

/** The default requirements of steps. */
export const thresholds: RollOutThresholds = {
  noneDays: 28,
  quarantineDays: 14,
  reporters: 2,
  messages: 1000,
  passRate: 0.995,
  slowDays: 56,
  slowMessages: 50,
};
