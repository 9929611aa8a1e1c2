import type { KeyId, Label, ShardName } from '#shared/core/model/names.ts';
import type { Tally } from '#shared/core/model/rotation.ts';

/** Claims of one shard to be rotated in a run. */
export interface RotateRequest {
  readonly kind: 'rotate';
  /** `YYYY-MM` */
  readonly period: string;
  readonly wave: number;
  /** From 0 within the wave; what became of a batch is counted once. */
  readonly batch: number;
  readonly shard: ShardName;
  /** At most `LABELS_PER_BATCH`. */
  readonly labels: readonly Label[];
  /** The outcome of the batch's other claims, where these had to wait. */
  readonly tally?: Tally;
  /** The times it was deferred already, without any of its claims having been settled. */
  readonly waits?: number;
}

/** Domains of one shard in the backlog, to be tried again. */
export interface RetryRequest {
  readonly kind: 'retry';
  readonly shard: ShardName;
  readonly labels: readonly Label[];
  readonly waits?: number;
}

/**
 * A claim whose ring needs a check outside the rotation: signing is paused, or its key seems
 * broken.
 */
export interface RepairRequest {
  readonly kind: 'mend';
  readonly shard: ShardName;
  readonly label: Label;
  /** A key that the signer cannot sign with, or that fails at receivers, though DNS shows it. */
  readonly unusable?: KeyId;
  /** The signing key that is certainly absent from the customer's DNS. */
  readonly absent?: AbsentKey;
  /** The times it was deferred already. */
  readonly waits?: number;
}

/** A key that no server of the customer's DNS leads receivers to, `since` then (ISO 8601). */
export interface AbsentKey {
  readonly keyId: KeyId;
  readonly since: string;
}

/** Claims of one shard whose current keys are compromised. */
export interface RevokeRequest {
  readonly kind: 'revoke';
  readonly shard: ShardName;
  /** The keys by label, as they were when the emergency was declared, so that no later one is revoked. */
  readonly keys: readonly { readonly label: Label; readonly keyId: KeyId }[];
}

export type RotationRequest = RotateRequest | RetryRequest | RepairRequest | RevokeRequest;

/**
 * The UPSERTs of RSA-2048 keys that one Route 53 batch takes (32,000 characters, each counted twice):
 * claims that are rotated together are published together.
 */
export const LABELS_PER_BATCH = 38;
