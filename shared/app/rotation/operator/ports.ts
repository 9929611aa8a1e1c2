import type { ClaimStore } from '../../ports/claim-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PublicationStore } from '../../ports/publication-store.ts';
import type { Queue } from '../../ports/queues.ts';
import type { RotationBacklog } from '../../ports/rotation-backlog.ts';
import type { RotationRequest } from '../../ports/rotation-requests.ts';
import type { RotationRuns } from '../../ports/rotation-runs.ts';

/** The ports of an operator's commands. */
export interface OperatorPorts {
  readonly claims: Pick<ClaimStore, 'scan' | 'list'>;
  readonly publications: Pick<PublicationStore, 'get'>;
  readonly runs: Pick<RotationRuns, 'latest' | 'progress' | 'save'>;
  readonly backlog: Pick<RotationBacklog, 'list'>;
  readonly rotationQueue: Queue<RotationRequest>;
  readonly clock: Clock;
}
