import type { NotDue } from '#shared/core/model/key-ring.ts';
import type { DomainName, KeyId, Label, Selector, TenantId } from '#shared/core/model/names.ts';
import type { AwaitedReason, BlockedReason } from '#shared/core/model/rotation.ts';
import type { RecordToChange } from '#shared/core/records/records-to-change.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { Random } from '../ports/clock.ts';
import type { KeyForge, RevokedKeys } from '../ports/key-vault.ts';
import type { PublicationStore } from '../ports/publication-store.ts';
import type { Queue } from '../ports/queues.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { RotationBacklog } from '../ports/rotation-backlog.ts';
import type { RotationRequest } from '../ports/rotation-requests.ts';
import type { RetryTime } from '#shared/async/retry.ts';

/** The ports for changes of claims' keys; the API, the worker and the CLI share them. */
export interface RotationPorts {
  readonly claims: Pick<ClaimStore, 'getByLabels' | 'changeKeys'>;
  readonly publications: Pick<PublicationStore, 'get'>;
  readonly revokedKeys: RevokedKeys;
  readonly backlog: RotationBacklog;
  readonly resolver: Pick<Resolver, 'authoritative' | 'lookupEverywhere'>;
  readonly forge: KeyForge;
  readonly rotationQueue: Queue<RotationRequest>;
  readonly retryTime: RetryTime;
  readonly random: Random;
  /** Returns true if waiting helps against an error of the ports. */
  readonly isOutage: (error: unknown) => boolean;
  readonly log: (event: RotationEvent | BatchEvent) => void;
}

/**
 * The events of a domain's keys.
 *
 * - `rotated`: the key of `selector` signs from now on.
 * - `held-back`, `not-due`, `failed`: it could not be, and is tried again.
 * - `awaits-customer`: it waits for the customer to change their own records, `records` if any.
 * - `prepared`: a new key waits to be seen in the customer's own DNS. `taken`: it is
 *   seen.
 * - `unseen`: signing pauses, since the customer's own DNS shows none of the keys.
 * - `unpublished`: receivers find no key of any slot; mail waits.
 * - `moved`: the slot that signed is broken; another signs from now on.
 * - `revoked`: a key is compromised.
 * - `paused`: no key is fit to sign, mail waits. `resumed`: one is.
 * - `refilled`: a slot took a new key outside the rotation.
 */
export type RotationEvent = { readonly domain: DomainName } & (
  | { readonly kind: 'rotated'; readonly keyId: KeyId; readonly selector: Selector }
  | {
      readonly kind: 'held-back';
      readonly tenant: TenantId;
      readonly label: Label;
      readonly reason: BlockedReason;
      readonly detail: string;
      readonly since: string;
    }
  | {
      readonly kind: 'awaits-customer';
      readonly tenant: TenantId;
      readonly label: Label;
      readonly reason: AwaitedReason;
      readonly detail: string;
      readonly since: string;
      readonly records: readonly RecordToChange[];
    }
  | { readonly kind: 'prepared' | 'taken'; readonly keyId: KeyId; readonly selector: Selector }
  | { readonly kind: 'unseen'; readonly detail: string }
  | {
      readonly kind: 'unpublished';
      readonly tenant: TenantId;
      readonly label: Label;
      readonly keyId: KeyId;
      readonly selector: Selector;
      /** ISO 8601. */
      readonly since: string;
      readonly detail: string;
    }
  | { readonly kind: 'not-due'; readonly reason: NotDue['reason']; readonly retryAt: string }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'moved'; readonly from: KeyId; readonly to: KeyId; readonly reason: string }
  | { readonly kind: 'revoked'; readonly keyId: KeyId }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed'; readonly keyId: KeyId }
  | { readonly kind: 'refilled'; readonly keyId: KeyId; readonly selector: Selector }
);

/**
 * The events of a rotation, beside those of keys.
 *
 * - `throttled`: AWS asked to slow down, and the key rate does.
 * - `faulty`: one claim met a fault of ours; the others of its batch go on.
 */
export type BatchEvent =
  | { readonly kind: 'throttled'; readonly reason: string }
  | { readonly kind: 'faulty'; readonly label: Label; readonly error: unknown };
