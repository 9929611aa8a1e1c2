import type { Lookup } from '#shared/core/model/lookup.ts';
import { isAtOrBelow } from '#shared/core/model/names.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import type { RecordCode } from '#shared/core/records/codes.ts';
import { kindOf, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { unregisteredAbove } from '#shared/core/records/unregistered.ts';
import type { Verdict } from '#shared/core/records/verdict.ts';
import { answersTo, failsAt, type Observations } from '../lookup/observations.ts';
import { ownQuestion, resolvedQuestion } from '../lookup/questions.ts';
import { combined, isGood, nameFails, noSuchDomain, withWayToEnter } from './combined.ts';
import { silentName } from './silent-name.ts';
import { besideCname, flattened, fromWildcard, wrongName } from './elsewhere.ts';

/** The status of each record, what is the matter, what was observed of it, and what to change. */
export const evaluate = (
  records: readonly CustomerRecord[],
  observations: Observations,
  setting: Setting,
): RecordCheck[] =>
  records.map((record) =>
    withWayToEnter(evaluateRecord(record, records, observations, setting), record, setting),
  );

function evaluateRecord(
  record: CustomerRecord,
  records: readonly CustomerRecord[],
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
  if (failsAt(observations, ownQuestion(record))) return { id, ...nameFails(record, setting) };
  const lookups = lookupsOf(record, observations, setting);
  const verdicts = judgedOnce(record, lookups, setting);
  const silent = silentName(record, records, setting.domain, observations);
  const check = withDanger(combined(id, verdicts, setting, silent), lookups, setting);
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

/** Judges equal answers, which most servers give, once: the proof of an advice takes its time. */
function judgedOnce(
  record: CustomerRecord,
  lookups: readonly Lookup[],
  setting: Setting,
): Verdict<RecordCode>[] {
  const judged = new Map<string, Verdict<RecordCode>>();
  return lookups.map((lookup) => {
    const { outcome, values, cnames } = lookup;
    const key = JSON.stringify([outcome, values, cnames]);
    const verdict = judged.get(key) ?? kindOf(record).judge(record, lookup, setting);
    judged.set(key, verdict);
    return verdict;
  });
}

/** Adds that a CNAME of a record that is not right leads to where anybody can publish one. */
function withDanger(check: RecordCheck, lookups: readonly Lookup[], setting: Setting): RecordCheck {
  const target = lookups
    .flatMap(({ cnames }) => cnames)
    .find((name) => unregisteredAbove(name, setting) !== undefined);
  if (target === undefined || isGood(check) || check.code === 'spf-unregistered') return check;
  const free = unregisteredAbove(target, setting);
  return {
    ...check,
    hint: `${check.hint ?? ''} ${free} is not registered: whoever registers it decides what is there.`.trim(),
  };
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
