import type { RecordCheck, RecordStatus } from '../domain/check.ts';
import type { DomainName } from '../domain/names.ts';
import type { Lookup } from '../ports/resolver.ts';

/** What one answer says of one record. */
export interface Verdict {
  readonly status: RecordStatus;
  readonly observed: readonly string[];
  readonly hint?: string;
}

/** What verdicts need to know beside the record. */
export interface Setting {
  readonly domain: DomainName;
  /** The zone under which we host. */
  readonly zone: DomainName;
}

const MOST_OBSERVED = 10;
const LONGEST_OBSERVED = 1_000;

export const ok = (observed: readonly string[]): Verdict => ({ status: 'ok', observed });
export const wrong = (observed: readonly string[], hint: string): Verdict => ({
  status: 'wrong',
  observed,
  hint,
});
export const missing = (hint: string): Verdict => ({ status: 'missing', observed: [], hint });

/** The values seen, or where the name points instead of having any. */
export const seenIn = ({ values, cnames }: Lookup): readonly string[] =>
  values.length > 0 ? values : cnames.slice(0, 1);

/**
 * The verdict on a record from what each of the domain's servers answered: right only where all
 * that answered have it right. No answer at all is `unknown`.
 */
export function combined(
  id: string,
  verdicts: readonly Verdict[],
  domain: DomainName,
): RecordCheck {
  const bad = verdicts.filter(({ status }) => status !== 'ok' && status !== 'ok-external');
  const verdict = bad[0] ?? verdicts.find(({ status }) => status === 'ok-external') ?? verdicts[0];
  if (verdict === undefined) {
    return {
      id,
      status: 'unknown',
      observed: [],
      hint: `The name servers of ${domain} did not answer. Nothing changes until they do.`,
    };
  }
  const seen = new Set(verdicts.flatMap(({ observed }) => observed));
  const observed = [...seen]
    .slice(0, MOST_OBSERVED)
    .map((text) =>
      text.length > LONGEST_OBSERVED ? `${text.slice(0, LONGEST_OBSERVED)}...` : text,
    );
  const disagree = bad.length > 0 && bad.length < verdicts.length;
  const hint = disagree
    ? `${bad.length} of the ${verdicts.length} name servers of ${domain} that answered do not have it right. A change may take a few minutes to reach all of them. ${verdict.hint ?? ''}`.trim()
    : verdict.hint;
  return { id, status: verdict.status, observed, ...(hint === undefined ? {} : { hint }) };
}
