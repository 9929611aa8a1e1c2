import type { Deployment } from '#shared/core/model/deployment.ts';
import type { CheckStore } from '../ports/check-store.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { Random } from '../ports/clock.ts';
import type { IdentityStore } from '../ports/identities.ts';
import type { IdentityRequest, Queue } from '../ports/queues.ts';
import type { RepairRequest, RetryRequest } from '../ports/rotation-requests.ts';
import type { Resolver } from '../ports/resolver.ts';

/** The ports of a check. */
export interface CheckPorts {
  readonly claims: Pick<
    ClaimStore,
    'get' | 'getByLabel' | 'update' | 'hold' | 'retire' | 'pastKeys' | 'selfHosted'
  >;
  readonly checks: Pick<CheckStore, 'get' | 'record' | 'schedule' | 'forget'>;
  readonly identities: Pick<IdentityStore, 'get'>;
  readonly resolver: Resolver;
  readonly identityQueue: Queue<IdentityRequest>;
  readonly rotationQueue: Queue<RepairRequest | RetryRequest>;
  readonly random: Random;
  readonly deployment: Deployment;
}
