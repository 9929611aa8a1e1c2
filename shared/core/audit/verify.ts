import { MINUTE_MS } from '#shared/core/time.ts';
import { emptyHead, sealHash, type AnchoredHead, type Head, type Seal } from './chain.ts';
import type { AuditOwner, StoredEntry } from './entry.ts';
import { commitmentOf } from './personal.ts';

/** All that a verification compares. */
export interface Evidence {
  readonly owner: AuditOwner;
  readonly entries: readonly StoredEntry[];
  readonly seals: readonly Seal[];
  /** Where the service says that the chain ends; absent where only a copy of the log is at hand. */
  readonly head?: Head;
  /** From the bucket that nobody can change, in any order. */
  readonly anchors: readonly AnchoredHead[];
  /** Where to start; default: the last anchor from before `keptSince`, or the beginning. */
  readonly start?: Head;
  /** Entries before are gone, or may be; ISO 8601. */
  readonly keptSince?: string;
  /** ISO 8601. */
  readonly now: string;
}

/**
 * - `altered`: the record of an entry is not the one that was sealed.
 * - `personal-altered`: a personal text is not the one that was committed to.
 * - `missing`: an entry that was sealed is not there.
 * - `seal-missing`: a number of the chain has no seal, so neither it nor its entry is there.
 * - `seal-altered`: a seal does not follow from the one before.
 * - `end-missing`: the chain ends before a head of it that was noted.
 * - `rewritten`: the chain has another hash than a head that was written where nobody can change it.
 * - `not-sealed`: an entry has no seal though it is older than ten minutes.
 */
export type FindingKind =
  | 'altered'
  | 'personal-altered'
  | 'missing'
  | 'seal-missing'
  | 'seal-altered'
  | 'end-missing'
  | 'rewritten'
  | 'not-sealed';

export interface Finding {
  readonly kind: FindingKind;
  /** In the chain; absent of an entry that is not in it. */
  readonly number?: number;
  /** `<time>#<id>` of the entry, where it is known. */
  readonly entry?: string;
  /** A sentence. */
  readonly detail: string;
}

export interface Verified {
  /** The first number that was verified, and the last. */
  readonly from: number;
  readonly to: number;
  /** Entries whose record is the one that was sealed. */
  readonly intact: number;
  readonly findings: readonly Finding[];
}

const SEALED_WITHIN_MS = 10 * MINUTE_MS;

/**
 * Verifies a log: that every entry is the one that was sealed, none is missing, and the chain is the
 * one whose heads were written where nobody can change them.
 *
 * It starts at the last of those heads from before `keptSince`, where there is one: what is before may
 * have expired.
 */
export function verifyLog(evidence: Evidence): Verified {
  const start = startOf(evidence);
  const seals = evidence.seals
    .filter(({ number }) => number > start.number)
    .toSorted((a, b) => a.number - b.number);
  const last = lastNumberOf(evidence, seals, start);
  const entries = new Map(evidence.entries.map((entry) => [entry.key, entry]));
  const found = [
    ...chainFindings(seals, start, last, evidence),
    ...anchorFindings(seals, start, evidence),
    ...seals.flatMap((one) => entryFindings(one, entries.get(one.entry))),
    ...unsealed(evidence),
  ];
  const wrong = new Set(found.flatMap(({ entry }) => entry ?? []));
  return {
    from: start.number + 1,
    to: last,
    intact: seals.filter(({ entry }) => entries.has(entry) && !wrong.has(entry)).length,
    findings: found,
  };
}

function startOf({ owner, start, anchors, keptSince }: Evidence): Head {
  if (start !== undefined) return start;
  const old = anchors.filter(({ at }) => keptSince !== undefined && at <= keptSince);
  return old.toSorted((a, b) => a.number - b.number).at(-1) ?? emptyHead(owner);
}

const lastNumberOf = ({ head, anchors }: Evidence, seals: readonly Seal[], start: Head): number =>
  Math.max(
    start.number,
    head?.number ?? 0,
    seals.at(-1)?.number ?? 0,
    ...anchors.map(({ number }) => number),
  );

function chainFindings(
  seals: readonly Seal[],
  start: Head,
  last: number,
  { head }: Evidence,
): Finding[] {
  const byNumber = new Map(seals.map((one) => [one.number, one]));
  const found: Finding[] = [];
  let previous: string | undefined = start.hash;
  for (let number = start.number + 1; number <= last; number += 1) {
    const one = byNumber.get(number);
    if (one === undefined) {
      const isEnd = number > (seals.at(-1)?.number ?? start.number);
      found.push({
        kind: isEnd ? 'end-missing' : 'seal-missing',
        number,
        detail: `Entry ${number} of the chain is missing, with its seal${isEnd ? ', and so is all after it' : ''}.`,
      });
      if (isEnd) break;
    } else if (previous !== undefined && one.previous !== previous) {
      found.push(ofSeal('seal-altered', one, 'does not follow from the entry before it'));
    }
    previous = one?.hash;
  }
  const end = byNumber.get(last);
  if (head !== undefined && head.number === last && end !== undefined && end.hash !== head.hash) {
    found.push(ofSeal('seal-altered', end, 'is not the end that the chain was noted to have'));
  }
  return found;
}

function anchorFindings(seals: readonly Seal[], start: Head, { anchors }: Evidence): Finding[] {
  const byNumber = new Map(seals.map((one) => [one.number, one]));
  return anchors
    .filter(({ number }) => number > start.number)
    .flatMap(({ number, hash, at }) => {
      const one = byNumber.get(number);
      if (one === undefined || one.hash === hash) return [];
      return [
        ofSeal('rewritten', one, `has another hash than the one that was written down at ${at}`),
      ];
    });
}

function entryFindings(one: Seal, entry: StoredEntry | undefined): Finding[] {
  if (entry === undefined) return [ofSeal('missing', one, 'is missing; its seal is there')];
  if (sealHash(one.number, one.previous, entry.record) !== one.hash) {
    return [ofSeal('altered', one, 'is not what it was when it was sealed')];
  }
  const wrong = Object.entries(entry.personal).filter(
    ([commitment, value]) => commitmentOf(value) !== commitment,
  );
  return wrong.map(() =>
    ofSeal('personal-altered', one, 'has another personal text than when it was sealed'),
  );
}

function unsealed({ entries, seals, keptSince, now }: Evidence): Finding[] {
  const sealed = new Set(seals.map(({ entry }) => entry));
  const due = new Date(Date.parse(now) - SEALED_WITHIN_MS).toISOString();
  return entries
    .filter(({ key }) => key < due && !(keptSince !== undefined && key < keptSince))
    .filter(({ key }) => !sealed.has(key))
    .map(({ key }) => ({
      kind: 'not-sealed',
      entry: key,
      detail: `The entry ${key} is in no chain.`,
    }));
}

const ofSeal = (kind: FindingKind, { number, entry }: Seal, what: string): Finding => ({
  kind,
  number,
  entry,
  detail: `Entry ${number} of the chain, ${entry}, ${what}.`,
});
