import { parseDmarc, tagsOf, type Disposition } from './record.ts';

/**
 * How strictly receivers treat mail that fails, by a record: 0 nothing, 1 quarantine, 2 reject. A
 * share of mail (`pct`) is between.
 */
export interface Enforcement {
  readonly p: number;
  readonly sp: number;
  /** For names that do not exist, of which receivers of RFC 7489 make nothing special. */
  readonly np: number;
}

const levels: readonly Disposition[] = ['none', 'quarantine', 'reject'];
export const levelOf = (disposition: Disposition): number => levels.indexOf(disposition);

/** Returns the disposition one level lower; none stays none. */
export const lowered = (disposition: Disposition): Disposition =>
  levels[Math.max(0, levelOf(disposition) - 1)] as Disposition;

const nothing: Enforcement = { p: 0, sp: 0, np: 0 };

/** By receivers of RFC 9989: `t=y` takes a level off, `pct` means nothing. */
export function newEnforcement(text: string): Enforcement {
  const record = parseDmarc(text);
  if (record === undefined) return nothing;
  const { p, sp = p, np = sp, t } = record;
  const level = (tag: Disposition) => levelOf(t === 'y' ? lowered(tag) : tag);
  return { p: level(p), sp: level(sp), np: level(np) };
}

/**
 * By receivers of RFC 7489: `pct` is the share of mail that the policy is for, and the next lower one
 * is for the rest (§6.6.4); `t` and `np` mean nothing, and without `p` nothing is asked (§6.6.3).
 */
export function oldEnforcement(text: string): Enforcement {
  const record = parseDmarc(text);
  if (record === undefined || !tagsOf(text).has('p')) return nothing;
  const { p, sp = p, pct = 100 } = record;
  const level = (tag: Disposition) => (tag === 'none' ? 0 : levelOf(tag) - 1 + pct / 100);
  return { p: level(p), sp: level(sp), np: level(sp) };
}

/** Returns true if no receiver, of the old RFC or the new, is stricter by one record than by another. */
export const isNoStricter = (text: string, than: string): boolean =>
  [oldEnforcement, newEnforcement].every((enforcement) => {
    const [now, before] = [enforcement(text), enforcement(than)];
    return now.p <= before.p && now.sp <= before.sp && now.np <= before.np;
  });
