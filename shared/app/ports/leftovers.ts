import type { Account } from './account.ts';

/** Finds what stacks keep when they are deleted. Each call may throw, such as where a right is missing. */
export interface Leftovers extends Pick<Account, 'hasFunction' | 'tables' | 'zones'> {
  /** The key of an alias; undefined where there is none. */
  key(alias: string): Promise<FoundKey | undefined>;
  /** The names of the account's buckets. */
  buckets(): Promise<readonly string[]>;
  /** The ids of user pools of this name. */
  userPools(name: string): Promise<readonly string[]>;
  /** A record set of a zone, as Route 53 has it; undefined where there is none. */
  recordSet(zoneId: string, name: string, type: string): Promise<FoundRecordSet | undefined>;
}

export interface FoundKey {
  readonly id: string;
  /** As KMS says it: `Enabled`, `PendingDeletion`. */
  readonly state: string;
}

/** In the form that a deletion by `ChangeResourceRecordSets` repeats. */
export interface FoundRecordSet {
  readonly Name: string;
  readonly Type: string;
  readonly TTL: number;
  readonly ResourceRecords: readonly { readonly Value: string }[];
}
