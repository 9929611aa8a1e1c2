import type { ClaimPorts } from '#shared/app/claims/ports.ts';
import type { ContactStore } from '#shared/app/ports/contact-store.ts';
import type { IdentityStore } from '#shared/app/ports/identities.ts';
import type { ImportRequest } from '#shared/app/ports/import-requests.ts';
import type { ImportStore } from '#shared/app/ports/import-store.ts';
import type { PlatformStore } from '#shared/app/ports/platform-store.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';

/** The ports of the work on imports. */
export interface ImporterPorts extends Omit<ClaimPorts, 'resolver'> {
  readonly imports: Pick<ImportStore, 'advance' | 'get' | 'part'>;
  readonly platforms: Pick<PlatformStore, 'addTenant'>;
  readonly contacts: Pick<ContactStore, 'assign'>;
  readonly identities: Pick<IdentityStore, 'views'>;
  readonly queue: Queue<ImportRequest>;
  readonly resolver: Pick<Resolver, 'lookup' | 'delegation'>;
  /** True if the service offers Domain Connect. */
  readonly offersDomainConnect: boolean;
  /** Returns true for an error that another try may cure. */
  readonly isOutage: (error: unknown) => boolean;
  readonly log: (error: unknown, row: number) => void;
}
