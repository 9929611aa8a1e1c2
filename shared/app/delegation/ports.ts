import type { Deployment } from '#shared/core/model/deployment.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { DelegatedZoneStore, ZoneHost } from '../ports/delegated-zones.ts';
import type { IdentityStore } from '../ports/identities.ts';
import type { CheckStore } from '../ports/check-store.ts';
import type { DelegationRequest, Queue } from '../ports/queues.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';

/**
 * - `served`: the label's name server leads to the zone. `withdrawn`: it leads nowhere any more.
 * - `deleted`: the zone is gone.
 * - `not-made`: there is no room for the zone; asked for again by each check.
 */
export type DelegationEvent =
  | {
      readonly kind: 'served' | 'withdrawn' | 'deleted';
      readonly tenant: TenantId;
      readonly domain: DomainName;
    }
  | {
      readonly kind: 'not-made';
      readonly tenant: TenantId;
      readonly domain: DomainName;
      readonly reason: string;
    };

/** The ports of the zones of delegated domains. */
export interface DelegationPorts {
  readonly claims: Pick<ClaimStore, 'getByLabel'>;
  readonly identities: Pick<IdentityStore, 'views' | 'getMany'>;
  readonly zones: DelegatedZoneStore;
  readonly host: ZoneHost;
  readonly resolver: Pick<Resolver, 'lookup' | 'delegatedTo'>;
  readonly queue: Queue<DelegationRequest>;
  readonly checks: Pick<CheckStore, 'schedule'>;
  readonly deployment: Deployment;
  /** The name of the deployment, whose delegation sets these are. */
  readonly name: string;
  /** The hosted zone of `deployment.zone`. */
  readonly serviceZoneId: string;
  /** The most zones of all tenants together. */
  readonly mostZones: number;
  readonly clock: Clock;
  readonly log: (event: DelegationEvent) => void;
}
