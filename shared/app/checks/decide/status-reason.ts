import type { RecordCheck } from '#shared/core/records/check.ts';
import { heldByAnother, LOST_AFTER_DAYS, type StatusReason } from '#shared/core/model/claim.ts';
import { UNKNOWN_DAYS, type Decision, type Evidence } from './transition.ts';

/**
 * Returns why a check left a claim with its status, in words for its tenant.
 *
 * @param checks what was seen of each record, whose hints say what to repair
 * @returns undefined where the status is good, or nothing was proven yet
 */
export function statusReason(
  status: Decision['status'],
  { proof, current, brokenSlots }: Evidence,
  checks: readonly RecordCheck[],
): StatusReason | undefined {
  if (status !== 'at-risk' && status !== 'lost') return undefined;
  if (proof === 'rival') return heldByAnother;
  const broken = checks.filter(({ id }) => brokenSlots.includes(id));
  const hints = [...new Set(broken.flatMap(({ hint }) => hint ?? []))].join(' ');
  if (status === 'lost') {
    const detail = `The records were broken for ${LOST_AFTER_DAYS} days. ${hints}`.trim();
    return { reason: 'broken-for-7-days', detail };
  }
  const [first] = broken;
  if (first?.code !== undefined) return { reason: first.code, detail: hints };
  if (current === 'wrong') return keyNotFound;
  return {
    reason: 'no-answer',
    detail: `DNS has not told for ${UNKNOWN_DAYS} days how the records are; see that the domain's name servers answer.`,
  };
}

const keyNotFound: StatusReason = {
  reason: 'key-not-found',
  detail:
    'The records are right, but receivers do not find the key that signs behind them; the operator looks after that.',
};
