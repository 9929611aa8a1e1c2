import type { Deployment } from '#shared/core/model/deployment.ts';
import type { PendingDays } from '#shared/core/model/expiry.ts';
import type { CheckStore } from '../ports/check-store.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { IdentityStore } from '../ports/identities.ts';
import type { DelegationRequest, IdentityRequest, Queue } from '../ports/queues.ts';
import type { RepairRequest, RetryRequest } from '../ports/rotation-requests.ts';
import type { Resolver } from '../ports/resolver.ts';

/** The ports of a check. */
export interface CheckPorts {
  readonly claims: Pick<
    ClaimStore,
    'get' | 'getByLabel' | 'update' | 'hold' | 'retire' | 'pastKeys' | 'selfHosted'
  >;
  readonly checks: Pick<CheckStore, 'lock' | 'record' | 'unlock' | 'schedule' | 'forget'>;
  readonly identities: Pick<IdentityStore, 'views' | 'getMany'>;
  readonly resolver: Resolver;
  readonly identityQueue: Queue<IdentityRequest>;
  readonly delegationQueue: Queue<DelegationRequest>;
  readonly rotationQueue: Queue<RepairRequest | RetryRequest>;
  readonly clock: Clock;
  readonly random: Random;
  readonly deployment: Deployment;
  readonly pending: Pick<PendingDays, 'claimDays'>;
}
