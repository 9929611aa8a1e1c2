import type { AnchoredHead, Head, Seal } from '#shared/core/audit/chain.ts';
import type { AuditOwner, StoredEntry } from '#shared/core/audit/entry.ts';

/** A part of a log; times are ISO 8601, `to` is excluded. */
export interface AuditRange {
  readonly from: string;
  readonly to: string;
}

/** The entries of the audit log, which are written with their changes, and their seals. */
export interface AuditLog {
  /** A page of an owner's entries, newest first. @throws Refusal `invalid-cursor` */
  page(
    owner: AuditOwner,
    range: AuditRange,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ readonly entries: readonly StoredEntry[]; readonly cursor: string | undefined }>;
  /** The cursor after an entry, for a page that ends before the one that was read. */
  cursorAfter(owner: AuditOwner, entry: StoredEntry): string;
  /** All entries of a range, oldest first; strongly consistent. */
  entries(owner: AuditOwner, range: AuditRange): AsyncIterable<StoredEntry>;
  /** The seals of entries that have one, by the key of the entry; strongly consistent. */
  sealsOf(owner: AuditOwner, keys: readonly string[]): Promise<ReadonlyMap<string, Seal>>;
  /** All seals of an owner, in the order of their entries' time; strongly consistent. */
  seals(owner: AuditOwner): AsyncIterable<Seal>;
  /** Strongly consistent. */
  head(owner: AuditOwner): Promise<Head>;
  /**
   * Adds seals to a chain whose head is still `before`, and whose entries have none; at most
   * `MOST_SEALS`.
   *
   * @throws Conflict
   */
  seal(before: Head, seals: readonly Seal[], next: Head): Promise<void>;
  /** The heads that came after the last that was noted as anchored. */
  unanchored(): AsyncIterable<Head>;
  /** Notes that a head is in the bucket that nobody can change. */
  noteAnchored(head: Head): Promise<void>;
}

/** Seals of one write: a transaction has 100 items, and one is the head. */
export const MOST_SEALS = 99;

/** The bucket of heads, which nobody can change. */
export interface AuditAnchors {
  /** Done again it changes nothing. */
  add(head: AnchoredHead): Promise<void>;
  /** Those of an owner, oldest first. */
  of(owner: AuditOwner): AsyncIterable<AnchoredHead>;
}
