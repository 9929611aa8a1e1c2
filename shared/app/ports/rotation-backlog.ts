import type { ClaimKey } from '#shared/core/model/claim.ts';
import type { AwaitedReason, BlockedReason } from '#shared/core/model/rotation.ts';
import type { NotDue } from '#shared/core/model/key-ring.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';

/**
 * A domain of which something about its keys is still to be done.
 *
 * - `not-due`: its rotation waits for a time, `retryAt`.
 * - `held-back`: its rotation waits for something else to change.
 * - `awaits-customer`: it waits for the customer to change a record of their own; nothing is amiss.
 * - `failed`: a fault of ours kept it from rotating.
 * - `paused`: no key is fit to sign; its mail waits.
 * - `refill`: a slot takes a new key at `retryAt`.
 */
export type BacklogKind =
  | 'not-due'
  | 'held-back'
  | 'awaits-customer'
  | 'failed'
  | 'paused'
  | 'refill';

export interface BacklogItem extends ClaimKey {
  readonly label: Label;
  readonly shard: ShardName;
  readonly kind: BacklogKind;
  readonly reason: NotDue['reason'] | BlockedReason | AwaitedReason | 'revoked' | 'error';
  /** A sentence for the person who is to repair it. */
  readonly detail: string;
  /** The run whose rotation is to be made up for; absent where none is. */
  readonly period?: string;
  /** Since when it has been of this kind without a break, ISO 8601. */
  readonly since: string;
  /** Before this time there is no use in trying, ISO 8601. */
  readonly retryAt?: string;
}

export interface BacklogPage {
  readonly items: readonly BacklogItem[];
  /** The label of the last item; undefined on the last page. */
  readonly cursor: Label | undefined;
}

/** The work that failed when its turn came, with the reason; the daily retry works it off. */
export interface RotationBacklog {
  /** Strongly consistent; labels without an item are left out. */
  get(labels: readonly Label[]): Promise<Map<Label, BacklogItem>>;
  /** Takes the place of what was there of the label. */
  put(item: BacklogItem): Promise<void>;
  remove(label: Label): Promise<void>;
  /** All of them by label, up to 1,000 a page. */
  list(cursor?: Label): Promise<BacklogPage>;
}

/** After so long an alarm reports a blocked domain to the operator. */
export const BLOCKED_ALARM_DAYS = 3;
