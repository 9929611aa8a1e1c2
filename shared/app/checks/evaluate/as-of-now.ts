import type { CheckResult, RecordCheck } from '#shared/core/records/check.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { customerRecords, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import { publicKeyIn } from '#shared/core/records/key-text.ts';
import { judgeOwnKey } from '#shared/core/records/kinds/dkim/judge-own-key.ts';
import { slotId } from '#shared/core/records/kinds/dkim/names.ts';

/**
 * Returns a check's result by the keys that a self-hosted claim's slots are to show now. A key
 * prepared since the check turns a right record into one to change.
 *
 * @param result of the last check
 */
export function asOfNow(result: CheckResult, claim: Claim, deployment: Deployment): CheckResult {
  if (claim.keys.every(({ prepared }) => prepared === undefined)) return result;
  const records = customerRecords(claim, undefined, deployment);
  return { ...result, records: result.records.map((seen) => bySlot(seen, claim, records)) };
}

function bySlot(seen: RecordCheck, claim: Claim, records: readonly CustomerRecord[]): RecordCheck {
  const { domain, keys, label, shard } = claim;
  const slot = keys.find(({ selector }) => seen.id === slotId(selector));
  if (seen.status !== 'ok' || slot?.prepared === undefined) return seen;
  const record = records.find(({ id }) => id === seen.id);
  const shown = seen.observed.filter((text) => publicKeyIn(text) === slot.publicKey);
  if (record === undefined || shown.length === 0) return seen;
  const lookup = { outcome: 'ok' as const, values: shown, cnames: [] };
  const place = { domain, hostedName: `${label}.${shard}` };
  return { id: seen.id, ...judgeOwnKey(record, lookup, place, { ring: keys, past: new Set() }) };
}
