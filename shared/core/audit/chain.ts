import { sha256Hex } from '#shared/core/digest.ts';
import type { AuditOwner } from './entry.ts';

/** The place of an entry in its owner's chain. */
export interface Seal {
  /** `<time>#<id>` of the entry. */
  readonly entry: string;
  /** From 1, without a gap. */
  readonly number: number;
  /** The hash of the seal before, hex. */
  readonly previous: string;
  /** Of this seal: over its number, the hash before and the entry's record; hex. */
  readonly hash: string;
}

/** How far a chain has come. */
export interface Head {
  readonly owner: AuditOwner;
  /** 0 where nothing was sealed yet. */
  readonly number: number;
  readonly hash: string;
}

/** A head that was written into the bucket that nobody can change. */
export interface AnchoredHead extends Head {
  /** ISO 8601. */
  readonly at: string;
}

/** The head of a chain that has no seal: it binds the chain to its owner. */
export const emptyHead = (owner: AuditOwner): Head => ({
  owner,
  number: 0,
  hash: sha256Hex(`sender-domains audit log of ${owner}`),
});

export const sealHash = (number: number, previous: string, record: string): string =>
  sha256Hex(`${number}\n${previous}\n${sha256Hex(record)}`);

/** Chains entries to a head, in their order. */
export function seal(
  head: Head,
  entries: readonly { readonly key: string; readonly record: string }[],
): { readonly seals: readonly Seal[]; readonly head: Head } {
  const seals: Seal[] = [];
  let { number, hash } = head;
  for (const { key, record } of entries) {
    const previous = hash;
    number += 1;
    hash = sealHash(number, previous, record);
    seals.push({ entry: key, number, previous, hash });
  }
  return { seals, head: { owner: head.owner, number, hash } };
}
