import type { RecordCheck } from '../domain/check.ts';
import type { Claim } from '../domain/claim.ts';
import type { Deployment } from '../domain/deployment.ts';
import { currentKey } from '../domain/key-ring.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import { hostedNames, hostedRecords } from '../records/hosted-records.ts';
import { proofOf, type Proof } from './holder.ts';
import { answersTo, type Observations } from './observations.ts';
import { keyQuestion, ownQuestion } from './questions.ts';
import type { Evidence } from './transition.ts';

/** The record id of the slot that signs; undefined while a compromise leaves none. */
export function currentSlot({ keys }: Claim): string | undefined {
  const key = currentKey(keys);
  return key === undefined ? undefined : `dkim-${key.selector}`;
}

/** Whom the domain's own servers name its holder. */
export function proofIn(
  claim: Claim,
  records: readonly CustomerRecord[],
  observations: Observations,
  probe: string,
  deployment: Deployment,
): Proof {
  const slots = claim.keys.map(({ selector }) => {
    const record = records.find(({ id }) => id === `dkim-${selector}`);
    return {
      selector,
      answers: record === undefined ? [] : answersTo(observations, ownQuestion(record)),
    };
  });
  const probed = answersTo(observations, { view: 'authoritative', name: probe, type: 'TXT' });
  return proofOf(slots, probed, deployment);
}

/**
 * Whether receivers find, by the customer's name, byte for byte the record of the key that signs:
 * every server of the domain that answers points at our record, and a resolver that follows that
 * comes to it. One resolver is enough, since another may remember for a while what was before.
 */
export function currentKeyIn(
  claim: Claim,
  records: readonly CustomerRecord[],
  observations: Observations,
  deployment: Deployment,
): Evidence['current'] {
  const key = currentKey(claim.keys);
  // Without a key to sign with there is none that the customer's records could get wrong.
  if (key === undefined) return 'right';
  const record = records.find(({ id }) => id === `dkim-${key.selector}`);
  if (record === undefined) return 'unknown';
  const own = answersTo(observations, ownQuestion(record));
  if (own.length === 0) return 'unknown';
  if (!own.every(({ cnames }) => cnames[0] === record.value)) return 'wrong';
  const hosted = hostedRecords(claim, deployment).find(
    ({ name }) => name === hostedNames.key(claim, key.selector),
  )?.values[0];
  const found = answersTo(observations, keyQuestion(record)).filter(
    ({ outcome }) => outcome !== 'unknown',
  );
  if (found.length === 0) return 'unknown';
  const right = found.some(({ values }) => values.length === 1 && values[0] === hosted);
  return right ? 'right' : 'wrong';
}

/**
 * The DKIM slots that are right and those that certainly are not, by the domain's own servers: what
 * only a resolver says changes no status.
 */
export function slotsIn(
  records: readonly CustomerRecord[],
  checks: readonly RecordCheck[],
  observations: Observations,
): Pick<Evidence, 'rightSlots' | 'brokenSlots'> {
  const told = records
    .filter(({ purpose }) => purpose === 'dkim')
    .filter((record) => answersTo(observations, ownQuestion(record)).length > 0)
    .map(({ id }) => ({ id, right: checks.find((check) => check.id === id)?.status === 'ok' }));
  return {
    rightSlots: told.filter(({ right }) => right).map(({ id }) => id),
    brokenSlots: told.filter(({ right }) => !right).map(({ id }) => id),
  };
}

/** Whether anything that DNS answered points at the claim's twin. */
export function pointsAt({ label, shard }: Claim, observations: Observations): boolean {
  const twin = `.${label}.${shard}`;
  return [...observations.values()]
    .flat()
    .flatMap(({ values, cnames }) => [...values, ...cnames])
    .some((text) => text.toLowerCase().includes(twin));
}
