import type { Deployment } from '#shared/core/model/deployment.ts';
import type { PendingDays } from '#shared/core/model/expiry.ts';
import type { RollOutThresholds } from '#shared/core/model/roll-out.ts';
import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { CheckStore } from '#shared/app/ports/check-store.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { ContactStore } from '#shared/app/ports/contact-store.ts';
import type { DisclosureStore } from '#shared/app/ports/disclosure-store.ts';
import type { FlatteningStore } from '#shared/app/ports/flattening-store.ts';
import type { HandOverStore } from '#shared/app/ports/hand-over-store.ts';
import type { History } from '#shared/app/ports/history.ts';
import type { IdentityStore } from '#shared/app/ports/identities.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import type { PublicationStore } from '#shared/app/ports/publication-store.ts';
import type { CheckRequest, Queue } from '#shared/app/ports/queues.ts';
import type { ReportStore } from '#shared/app/ports/report-store.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { PlatformStore } from '#shared/app/ports/platform-store.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { ServiceNetworksStore } from '#shared/app/ports/service-networks.ts';
import type { RotationBacklog } from '#shared/app/ports/rotation-backlog.ts';
import type { DomainConnectService } from '#shared/core/domain-connect/service.ts';
import type { PublicAnswer, PublicRequest } from '#shared/adapters/https/public-request.ts';
import type { RequestSigner } from '#shared/app/ports/request-signer.ts';
import type { RotationPorts } from '#shared/app/rotation/ports.ts';
import type { RetryTime } from '#shared/async/retry.ts';

/** The ports of the domain routes. */
export interface DomainPorts {
  readonly deployment: Deployment;
  readonly pending: PendingDays;
  readonly claims: ClaimStore;
  readonly budgets: Budgets;
  readonly contacts: ContactStore;
  readonly tenants: Pick<TenantStore, 'get'>;
  readonly platforms: Pick<PlatformStore, 'tenants'>;
  readonly handOvers: Pick<HandOverStore, 'get' | 'byLink' | 'put'>;
  /** True if the operator has mails to contacts sent. */
  readonly mailsContacts: boolean;
  /** True if tenants may delegate subdomains. */
  readonly offersDelegation: boolean;
  readonly checks: Pick<CheckStore, 'get' | 'results' | 'request' | 'schedule'>;
  readonly checkQueue: Queue<CheckRequest>;
  readonly publications: Pick<PublicationStore, 'get'>;
  readonly identities: Pick<IdentityStore, 'views' | 'getMany'>;
  readonly history: Pick<History, 'of'>;
  readonly reports: Pick<ReportStore, 'read'>;
  readonly reputations: Pick<ReputationStore, 'ofTenant'>;
  readonly serviceNetworks: Pick<ServiceNetworksStore, 'all'>;
  readonly disclosures: Pick<DisclosureStore, 'of' | 'forget'>;
  /** True if the deployment discloses retired private keys of tenants who want it. */
  readonly discloses: boolean;
  /** The conditions for a step of a DMARC plan. */
  readonly rollOut: RollOutThresholds;
  readonly flattenings: Pick<FlatteningStore, 'begin' | 'of'>;
  readonly backlog: Pick<RotationBacklog, 'get'>;
  readonly rotation: RotationPorts;
  readonly forge: KeyForge;
  readonly resolver: Pick<Resolver, 'authoritative' | 'delegatedTo' | 'delegation' | 'lookup'>;
  /** Absent where the operator has not set Domain Connect up. */
  readonly domainConnect?: DomainConnectPorts;
  readonly clock: Clock;
  readonly retryTime: RetryTime;
  readonly random: Random;
}

/** The further ports of Domain Connect; absent where the operator has not set it up. */
export interface DomainConnectPorts {
  readonly service: DomainConnectService;
  readonly signer: RequestSigner;
  readonly request: (what: PublicRequest) => Promise<PublicAnswer>;
  /** Logs what the operator has to repair. */
  readonly log: (problem: string) => void;
}
