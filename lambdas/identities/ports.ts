import type { SendingStatus } from '#shared/core/model/check.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { OperatorEvents } from '#shared/app/ports/event-bus.ts';
import type { IdentityStore, SesIdentities } from '#shared/app/ports/identities.ts';
import type { IdentityRequest, Queue } from '#shared/app/ports/queues.ts';
import type { TimeSlots } from '#shared/app/ports/time-slots.ts';
import type { RetryTime } from '#shared/async/retry.ts';

export interface IdentityPorts extends RetryTime {
  readonly deployment: Pick<Deployment, 'bounceLabel'>;
  /** The deployment's name, by which it knows the identities that it made. */
  readonly name: string;
  readonly claims: Pick<ClaimStore, 'hasClaims' | 'getHeld'>;
  readonly identities: IdentityStore;
  readonly ses: SesIdentities;
  /** The turns at SES that all instances share. */
  readonly turns: TimeSlots;
  /** The most identities that SES allows the account. */
  readonly quota: number;
  /** Its own queue, for what is to be tried again. */
  readonly queue: Queue<IdentityRequest>;
  readonly operatorEvents: OperatorEvents;
  /** Returns true if waiting helps against an error of the ports. */
  readonly isOutage: (error: unknown) => boolean;
  readonly log: (event: IdentityEvent) => void;
}

/**
 * - `made`: SES was asked to verify the domain. `removed`: its last claim is gone.
 * - `moved`: SES reports another status. `given-up`: SES did not find its record for 72 h.
 * - `foreign`: SES has an identity that this deployment did not make.
 * - `quota-full`: the account has as many identities as SES allows.
 * - `failed`: the work could not be done; it is tried again.
 */
export type IdentityEvent =
  | {
      readonly kind: 'made' | 'removed' | 'given-up' | 'foreign' | 'quota-full';
      readonly domain: DomainName;
    }
  | { readonly kind: 'moved'; readonly domain: DomainName; readonly to: SendingStatus }
  | {
      readonly kind: 'failed';
      readonly what: string;
      readonly error: unknown;
      readonly tries?: number;
    };
