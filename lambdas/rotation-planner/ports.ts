import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { PublicationStore } from '#shared/app/ports/publication-store.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { BacklogItem, RotationBacklog } from '#shared/app/ports/rotation-backlog.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import type {
  RotationProgress,
  RotationRun,
  RotationRuns,
} from '#shared/app/ports/rotation-runs.ts';

export interface PlannerPorts {
  readonly deployment: Pick<Deployment, 'zone' | 'shards'>;
  readonly claims: Pick<ClaimStore, 'holder' | 'getByLabels'>;
  readonly publications: Pick<PublicationStore, 'labels'>;
  readonly runs: RotationRuns;
  readonly backlog: Pick<RotationBacklog, 'list'>;
  readonly rotationQueue: Queue<RotationRequest>;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly settings: PlannerSettings;
  readonly log: (event: PlannerEvent) => void;
}

export interface PlannerSettings {
  /** The operator's own domains, which go first. */
  readonly ownDomains: readonly DomainName[];
  /** The rate that the workers keep. */
  readonly claimsPerSecond: number;
  /** The time of post-send verification after each wave. */
  readonly watchMinutes: number;
}

/**
 * - `began`: a wave, or the run with its first one.
 * - `progress`: how far the run has come.
 * - `halted`: sampled mail does not verify; nothing goes on until a person says so.
 * - `stalled`: batches that were queued long ago are not done.
 * - `finished`: every wave is done.
 * - `overtaken`: another planner is at the same run; this one ends.
 * - `held-back-long`: a domain has waited for days. `retried`: how many are tried again.
 * - `missed`: the run of this month did not begin; `last` is the one before.
 */
export type PlannerEvent =
  | {
      readonly kind: 'began' | 'progress' | 'stalled' | 'finished' | 'overtaken';
      readonly run: RotationRun;
      readonly progress?: RotationProgress;
    }
  | { readonly kind: 'halted'; readonly run: RotationRun; readonly reason: string }
  | { readonly kind: 'held-back-long'; readonly item: BacklogItem }
  | { readonly kind: 'missed'; readonly last: RotationRun }
  | { readonly kind: 'retried'; readonly queued: number; readonly waiting: number };
