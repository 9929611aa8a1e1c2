import { Refusal } from '../model/errors.ts';

/** RFC 7208 §3.4: a name and all its TXT text together should stay within this, for answers over UDP. */
export const MAX_OCTETS = 450;

/** The result of a record for all senders that it does not list: soft-fail, fail, or nothing. */
export type SpfAll = '~all' | '-all' | '?all';

/** The end of a record that says nothing of any sender, and is there for what may include it. */
export const NEUTRAL_ALL = '?all';

/**
 * Composes an SPF record (RFC 7208 §4.5): the mechanisms, each with the qualifier `+`, then `all`.
 *
 * @param name the full name the record is published at; it counts against the size
 * @throws Refusal `spf-too-long` where name and text together would pass 450 octets
 */
export function composeSpf(name: string, mechanisms: readonly string[], all: SpfAll): string {
  return composeSpfChain([name], mechanisms, all)[0] as string;
}

/**
 * Splits an SPF record that would be too long into several: each leads to the next by `redirect`
 * (RFC 7208 §6.1), which costs one lookup. The last one has `all`.
 *
 * Mechanisms stay in order and fill the records from the first on, so that an added one changes
 * only the last record. They must not depend on the name that their record is at.
 *
 * @param names the full names to publish at, at least one, in order
 * @returns the texts of the first so many names as are needed
 * @throws Refusal `spf-too-long` where they do not hold all mechanisms within 450 octets each
 */
export function composeSpfChain(
  names: readonly string[],
  mechanisms: readonly string[],
  all: SpfAll,
): string[] {
  const texts: string[] = [];
  const waiting = [...new Set(mechanisms)];
  for (const [index, name] of names.entries()) {
    const whole = ['v=spf1', ...waiting, all].join(' ');
    if (name.length + whole.length <= MAX_OCTETS) return [...texts, whole];
    const next = names[index + 1];
    if (next === undefined) break;
    const end = `redirect=${next}`;
    const taken = waiting.splice(0, fitting(waiting, name.length + `v=spf1 ${end}`.length));
    if (taken.length === 0) break;
    texts.push(['v=spf1', ...taken, end].join(' '));
  }
  throw tooLong(names, mechanisms);
}

/** Counts the mechanisms that fit into a record that has `octets` without them. */
function fitting(mechanisms: readonly string[], octets: number): number {
  let size = octets;
  const over = mechanisms.findIndex((text) => (size += text.length + 1) > MAX_OCTETS);
  return over < 0 ? mechanisms.length : over;
}

function tooLong(names: readonly string[], mechanisms: readonly string[]): Refusal {
  const octets = mechanisms.join(' ').length;
  const room =
    names.length === 1 ? 'the one record' : `the ${names.length} records that a domain has`;
  return new Refusal(
    'spf-too-long',
    `${mechanisms.length} mechanisms of ${octets} characters do not fit into ${room} at ${names[0]}, of ${MAX_OCTETS} octets with its name each; give fewer or shorter ones, or an include of a record of your own.`,
  );
}
