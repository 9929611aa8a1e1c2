import type { CheckStore } from '#shared/app/ports/check-store.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { ContactStore } from '#shared/app/ports/contact-store.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { HandOverStore } from '#shared/app/ports/hand-over-store.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { ServiceMailPorts } from '#shared/app/sending/service-mail.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { PendingDays } from '#shared/core/model/expiry.ts';
import type { MailingEnd } from '#shared/core/model/hand-over.ts';

export interface HandOverPorts extends ServiceMailPorts {
  readonly handOvers: Pick<HandOverStore, 'due' | 'put'>;
  readonly contacts: Pick<ContactStore, 'get' | 'domainsOf'>;
  readonly claims: Pick<ClaimStore, 'getHeld'>;
  readonly checks: Pick<CheckStore, 'results'>;
  readonly tenants: Pick<TenantStore, 'stateOf'>;
  readonly messages: Pick<MessageStore, 'get'>;
  readonly bus: EventBus;
  readonly deployment: Deployment;
  readonly pending: Pick<PendingDays, 'linkDays'>;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: (event: HandOverEvent) => void;
}

/**
 * - `mailed`: a mail was submitted. `ended`: no mail is to come any more.
 * - `deferred`: somebody else wrote the hand-over, or the mail was not accepted; it is due again.
 */
export type HandOverEvent =
  | { readonly kind: 'mailed'; readonly contact: string; readonly day: number }
  | { readonly kind: 'ended'; readonly contact: string; readonly why: MailingEnd }
  | { readonly kind: 'deferred'; readonly contact: string; readonly error: unknown };
