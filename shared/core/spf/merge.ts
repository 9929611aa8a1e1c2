import type { SpfAll } from './compose.ts';
import { parseSpf, type Mechanism } from './record.ts';

/**
 * Joins SPF records and our include into the one record allowed, never a second (RFC 7208 §3.2).
 * Our include appears once, before `all` and `redirect`, which stay as they are. Of several records
 * the mildest `all` against other senders is kept, since today receivers follow none of them.
 *
 * @param records SPF records, of which terms behind `all` are left out, as receivers do
 * @param all for a domain without SPF
 * @throws SpfSyntaxError
 */
export function withInclude(
  records: readonly string[],
  include: string,
  all: SpfAll = '~all',
): string {
  const parts = records.map(partsOf);
  const others = parts
    .flatMap(({ mechanisms }) => mechanisms)
    .filter((mechanism) => !isInclude(mechanism, include))
    .map(({ text }) => text);
  const end = records.length === 0 ? [all] : endOf(parts);
  return ['v=spf1', ...new Set(others), `include:${include}`, ...end].join(' ');
}

const isInclude = (mechanism: Mechanism, include: string): boolean =>
  mechanism.kind === 'include' && mechanism.domain.toLowerCase().replace(/\.$/, '') === include;

interface Parts {
  /** The mechanisms up to `all`: receivers ignore any behind it (RFC 7208 §5.1). */
  readonly mechanisms: readonly Mechanism[];
  /** `all` with its sign, or a redirect. */
  readonly end: string | undefined;
  readonly exp: string | undefined;
}

function partsOf(record: string): Parts {
  const { mechanisms, redirect, exp } = parseSpf(record);
  const at = mechanisms.findIndex(({ kind }) => kind === 'all');
  return {
    mechanisms: at < 0 ? mechanisms : mechanisms.slice(0, at),
    end: mechanisms[at]?.text ?? (redirect === undefined ? undefined : `redirect=${redirect}`),
    exp: exp === undefined ? undefined : `exp=${exp}`,
  };
}

/** From what says least against other senders to what says most; of a redirect that is not known. */
const strength = (end: string): number =>
  ['+all', 'all', '?all', '~all', '-all'].indexOf(end.toLowerCase());

function endOf(parts: readonly Parts[]): string[] {
  const ends = parts.flatMap(({ end }) => end ?? []);
  const weakest = ends.toSorted((one, other) => strength(one) - strength(other))[0];
  const exp = parts.find((one) => one.exp !== undefined)?.exp;
  return [...(weakest === undefined ? [] : [weakest]), ...(exp === undefined ? [] : [exp])];
}
