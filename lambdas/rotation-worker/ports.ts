import type { Tally } from '#shared/core/model/rotation.ts';
import type { RotationRateLimiter } from '#shared/app/ports/rotation-rate-limiter.ts';
import type { CheckStore } from '#shared/app/ports/check-store.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import type { RotationRuns } from '#shared/app/ports/rotation-runs.ts';
import type { BatchEvent, RotationEvent, RotationPorts } from '#shared/app/rotation/ports.ts';

export interface WorkerPorts extends Omit<RotationPorts, 'log'> {
  readonly runs: Pick<RotationRuns, 'latest' | 'count' | 'countLater'>;
  readonly checks: Pick<CheckStore, 'schedule'>;
  readonly rateLimiter: RotationRateLimiter;
  /** Rotations a second that all workers together make. */
  readonly claimsPerSecond: number;
  readonly log: (event: RotationEvent | BatchEvent | WorkerEvent) => void;
}

/**
 * - `batch`: what became of a batch; `left` had to wait and were queued again.
 * - `waiting`: a service is out, or the run is halted; the request is queued again.
 * - `dropped`: a request of a run that a later one has overtaken.
 * - `request-failed`: a fault of ours; the message comes again, then goes to the dead letters.
 */
export type WorkerEvent =
  | {
      readonly kind: 'batch';
      readonly request: RotationRequest['kind'];
      readonly period: string;
      readonly tally: Tally;
      readonly left: number;
    }
  | { readonly kind: 'waiting'; readonly request: RotationRequest['kind']; readonly reason: string }
  | { readonly kind: 'dropped'; readonly period: string; readonly latest: string }
  | { readonly kind: 'request-failed'; readonly body: string; readonly error: unknown };
