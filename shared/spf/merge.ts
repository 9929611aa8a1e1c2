import { MAX_LOOKUPS } from './evaluate.ts';
import { isSpfRecord, parseSpf, SpfSyntaxError } from './record.ts';

/** What to publish so that a domain's own SPF and ours are one record. */
export type MergedSpf =
  /** Publish this in place of all SPF records that are there. */
  | { readonly kind: 'merged'; readonly record: string }
  /** It is right as it is. */
  | { readonly kind: 'unchanged' }
  /** Receivers would give up on the whole record; `lookups` is what it would take. */
  | { readonly kind: 'too-many-lookups'; readonly lookups: number }
  /** What is there cannot be read, so that nothing can be kept of it. */
  | { readonly kind: 'unreadable'; readonly detail: string };

/**
 * Puts our include into the SPF that a domain has: never a second record (RFC 7208 §3.2), before
 * `all` and `redirect`, keeping what they say. Several records become one; it keeps the `all` that
 * says least against other senders, since today receivers heed none of them.
 *
 * @param existing TXT values at the domain; those that are no SPF are left out of account
 * @param include the host that ours includes: `_spf.<label>.<shard>`
 * @param lookups what the records there take today, and what our include takes with itself, over
 *   their whole trees (`spfTree`)
 * @param all for a domain without SPF
 */
export function mergedSpf(
  existing: readonly string[],
  include: string,
  lookups: { readonly existing: number; readonly ours: number },
  all: '~all' | '-all' | '?all' = '~all',
): MergedSpf {
  const ours = `include:${include}`;
  const records = existing.filter(isSpfRecord);
  let terms: Terms[];
  try {
    terms = records.map(termsOf);
  } catch (error) {
    if (error instanceof SpfSyntaxError) return { kind: 'unreadable', detail: error.message };
    throw error;
  }
  const isOurs = (term: string) => term.toLowerCase().replace(/^[-+~?]/, '') === ours;
  const has = terms.some(({ mechanisms }) =>
    mechanisms.some((term) => isOurs(term) && !/^[-~?]/.test(term)),
  );
  if (has && records.length === 1) return { kind: 'unchanged' };
  const total = lookups.existing + (has ? 0 : lookups.ours);
  if (total > MAX_LOOKUPS) return { kind: 'too-many-lookups', lookups: total };
  const others = terms.flatMap(({ mechanisms }) => mechanisms.filter((term) => !isOurs(term)));
  const end = records.length === 0 ? [all] : endOf(terms);
  const record = ['v=spf1', ...new Set(others), ours, ...end].join(' ');
  return { kind: 'merged', record };
}

interface Terms {
  /** As written, up to `all`: what stands behind it counts for nothing (RFC 7208 §5.1). */
  readonly mechanisms: readonly string[];
  /** `all` with its sign, or a redirect. */
  readonly end: string | undefined;
  readonly exp: string | undefined;
}

function termsOf(record: string): Terms {
  const { mechanisms, redirect, exp } = parseSpf(record);
  const at = mechanisms.findIndex(({ kind }) => kind === 'all');
  const end = mechanisms[at]?.text ?? (redirect === undefined ? undefined : `redirect=${redirect}`);
  return {
    mechanisms: (at < 0 ? mechanisms : mechanisms.slice(0, at)).map(({ text }) => text),
    end,
    exp: exp === undefined ? undefined : `exp=${exp}`,
  };
}

/** From what says least against other senders to what says most; a redirect says the other record's. */
const strength = (end: string): number =>
  ['+all', 'all', '?all', '~all', '-all'].indexOf(end.toLowerCase());

/** The end that is kept: the only one, or of several the one that says least. */
function endOf(terms: readonly Terms[]): string[] {
  const ends = terms.flatMap(({ end }) => end ?? []);
  const weakest = ends.toSorted((one, other) => strength(one) - strength(other))[0];
  const exp = terms.find((one) => one.exp !== undefined)?.exp;
  return [...(weakest === undefined ? [] : [weakest]), ...(exp === undefined ? [] : [exp])];
}
