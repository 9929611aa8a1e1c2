import type { Lookup } from '#shared/core/model/lookup.ts';
import { isAtOrBelow } from '#shared/core/model/names.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { kindOf, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { answersTo, type Observations } from '../lookup/observations.ts';
import { ownQuestion, resolvedQuestion } from '../lookup/questions.ts';
import { combined, isGood, noSuchDomain, withWayToEnter } from './combined.ts';
import { besideCname, flattened, fromWildcard, wrongName } from './elsewhere.ts';

/** The status of each record, what is the matter, what was observed of it, and what to change. */
export const evaluate = (
  records: readonly CustomerRecord[],
  observations: Observations,
  setting: Setting,
): RecordCheck[] =>
  records.map((record) =>
    withWayToEnter(evaluateRecord(record, observations, setting), record, setting),
  );

function evaluateRecord(
  record: CustomerRecord,
  observations: Observations,
  setting: Setting,
): RecordCheck {
  const { id } = record;
  if (record.value === undefined) {
    return {
      id,
      status: 'preparing',
      code: 'preparing',
      observed: [],
      hint: 'Its value is not known yet; it comes within minutes.',
    };
  }
  const lookups = lookupsOf(record, observations, setting);
  const verdicts = lookups.map((lookup) => kindOf(record).judge(record, lookup, setting));
  const check = combined(id, verdicts, setting);
  if (!isGood(check) && setting.delegation?.state === 'no-such-domain') {
    return { id, ...noSuchDomain(setting.domain) };
  }
  return (
    besideCname(record, check, observations) ??
    fromWildcard(record, check, lookups, observations, setting) ??
    flattened(record, check, observations, setting) ??
    wrongName(record, check, observations, setting) ??
    check
  );
}

/**
 * The answer of each of the domain's servers, CNAMEs followed where that matters; else the
 * resolvers' answer.
 */
function lookupsOf(
  record: CustomerRecord,
  observations: Observations,
  { zone }: Setting,
): readonly Lookup[] {
  const own = answersTo(observations, ownQuestion(record));
  const resolved = answersTo(observations, resolvedQuestion(record)).filter(isKnown);
  if (own.length === 0) return resolved;
  if (kindOf(record).isProof) return own;
  // The values are behind a CNAME; where the resolvers did not answer, nothing is known of it. A
  // name that points at us, rightly or wrongly, shows enough by that.
  return own.flatMap((lookup) =>
    lookup.cnames.every((target) => isAtOrBelow(target, zone)) ? [lookup] : resolved,
  );
}

const isKnown = ({ outcome }: Lookup): boolean => outcome !== 'unknown';
