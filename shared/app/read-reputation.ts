import type { ReputationLimits } from '#shared/core/model/reputation.ts';

/** What becomes of senders whose mail bounces or is complained about. */
export interface ReputationSettings {
  readonly limits: ReputationLimits;
  /** False: only the operator is notified. */
  readonly isEnforced: boolean;
}

/** Reads the settings from a function's variable `REPUTATION`. */
export function readReputation({
  REPUTATION,
}: {
  readonly REPUTATION: string;
}): ReputationSettings {
  const { mode, ...limits } = JSON.parse(REPUTATION) as ReputationLimits & {
    readonly mode: 'enforce' | 'notify';
  };
  return { limits, isEnforced: mode === 'enforce' };
}
