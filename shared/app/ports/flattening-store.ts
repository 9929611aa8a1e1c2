import type { ClaimKey } from '#shared/core/model/claim.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { FlatteningState } from '#shared/core/spf/confirm-addresses.ts';

/** An include that is published as addresses, as the flattener tracks it. */
export interface FlatteningItem extends ClaimKey, FlatteningState {
  readonly label: Label;
  /** The mechanism: `include:_spf.example.net`. */
  readonly include: string;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  /** When it was asked for, ISO 8601. */
  readonly begunAt: string;
  /** The time of its next check, ISO 8601. */
  readonly dueAt: string;
}

/** The last state of flattened includes; a table without a stream, so that checks never publish. */
export interface FlatteningStore {
  /** Begins to check an include, at once; forgets what was known of it before. */
  begin(of: ClaimKey & { label: Label; include: string; now: string }): Promise<void>;
  /** Those of one claim. */
  of(label: Label): Promise<FlatteningItem[]>;
  /** Up to `limit` that are due at `now`, the longest due first. */
  due(now: string, limit: number): Promise<FlatteningItem[]>;
  /**
   * Writes where the stored revision is still `item.revision - 1`.
   *
   * @throws Conflict
   */
  put(item: FlatteningItem): Promise<void>;
  forget(label: Label, include: string): Promise<void>;
}
