import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { CheckStore } from '#shared/app/ports/check-store.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { RetryTime } from '#shared/async/retry.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';

/** The ports of claiming a domain. */
export interface ClaimPorts {
  readonly deployment: Deployment;
  readonly budgets: Pick<Budgets, 'take' | 'limit'>;
  readonly claims: Pick<
    ClaimStore,
    'create' | 'domainOfRequest' | 'get' | 'pendingCount' | 'reclaimable' | 'shardCounts' | 'update'
  >;
  readonly checks: Pick<CheckStore, 'schedule'>;
  readonly forge: KeyForge;
  readonly resolver: Pick<Resolver, 'lookup'>;
  /** True if the operator lets tenants delegate subdomains. @default false */
  readonly offersDelegation?: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly retryTime: RetryTime;
}
