import type { RecordCheck } from '#shared/core/records/check.ts';
import { isParked, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { allKeys, currentKey } from '#shared/core/model/key-ring.ts';
import type { Selector } from '#shared/core/model/names.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import {
  isDelegation,
  kindOf,
  type CustomerRecord,
} from '#shared/core/records/customer-records.ts';
import { hostedKey } from '#shared/core/records/kinds/dkim/hosted.ts';
import { slotId } from '#shared/core/records/kinds/dkim/names.ts';
import { publicKeyIn } from '#shared/core/records/key-text.ts';
import { proofOf, type KeyOwners, type Proof } from './holder.ts';
import { answersTo, failsAt, type Observations, type Question } from '../lookup/observations.ts';
import { keySeen } from './own-keys.ts';
import { keyQuestion, ownQuestion, slotQuestion } from '../lookup/questions.ts';
import { parkedProofOf } from './parked-proof.ts';
import type { Evidence } from './transition.ts';

/** The record id of the slot that signs; undefined while a compromise leaves none. */
export function currentSlot({ keys }: Claim): string | undefined {
  const key = currentKey(keys);
  return key === undefined ? undefined : slotId(key.selector);
}

/**
 * Returns the holder that the domain's own servers name.
 *
 * @param owners whose keys count as their proof
 */
export function proofIn(
  claim: Claim,
  observations: Observations,
  probe: string,
  deployment: Deployment,
  owners: KeyOwners,
): Proof {
  const slots = selectorsOf(claim, deployment).map((selector) => ({
    selector,
    answers: slotAnswers(selector, claim, observations),
  }));
  const probed = answersTo(observations, { view: 'authoritative', name: probe, type: 'TXT' });
  return proofOf(slots, probed, deployment, owners);
}

/** The slots at which keys prove a domain; those of a parked claim may be a rival's. */
export const selectorsOf = (
  claim: Pick<Claim, 'keys' | 'purpose'>,
  { selectors }: Pick<Deployment, 'selectors'>,
): readonly Selector[] =>
  isParked(claim) ? selectors : claim.keys.map(({ selector }) => selector);

const slotAnswers = (
  selector: Selector,
  { domain }: Pick<Claim, 'domain'>,
  observations: Observations,
): readonly Lookup[] => answersTo(observations, slotQuestion(selector, domain));

/**
 * Returns true if a slot shows a key that is none of the claim's, so that it may be the proof of
 * another.
 */
export const showsOthersKey = (
  claim: Claim,
  deployment: Deployment,
  observations: Observations,
): boolean => {
  const own = new Set(allKeys(claim.keys).map(({ publicKey }) => publicKey));
  return selectorsOf(claim, deployment)
    .flatMap((selector) => slotAnswers(selector, claim, observations))
    .flatMap(({ values }) => values.map(publicKeyIn))
    .some((shown) => shown !== '' && !own.has(shown));
};

/**
 * Returns true if receivers find, by the customer's name, byte for byte the record of the signing
 * key. Every server of the domain that answers points at our record, and a resolver that follows
 * that reaches it. One resolver is enough, since another may cache an earlier answer.
 */
export function currentKeyIn(
  claim: Claim,
  records: readonly CustomerRecord[],
  observations: Observations,
): Evidence['current'] {
  const key = currentKey(claim.keys);
  // Without a key to sign with there is none that the customer's records could get wrong.
  if (key === undefined) return 'right';
  const record = records.find(({ id }) => id === slotId(key.selector));
  if (record === undefined) return 'unknown';
  if (isSelfHosted(claim)) {
    const seen = keySeen(claim, key, observations);
    return seen === undefined ? 'unknown' : seen ? 'right' : 'wrong';
  }
  const own = answersTo(observations, ownQuestion(record));
  if (own.length === 0) return failsAt(observations, ownQuestion(record)) ? 'wrong' : 'unknown';
  if (!own.every(({ cnames }) => cnames[0] === record.value)) return 'wrong';
  const [hosted] = hostedKey(claim, key).values;
  const found = answersTo(observations, keyQuestion(record)).filter(
    ({ outcome }) => outcome !== 'unknown',
  );
  if (found.length === 0) return 'unknown';
  const right = found.some(({ values }) => values.length === 1 && values[0] === hosted);
  return right ? 'right' : 'wrong';
}

/** Returns the holder that the `_dmarc` name shows, where a parked domain is one. */
export function parkedProofIn(
  { domain }: Pick<Claim, 'domain'>,
  observations: Observations,
  probe: string,
  deployment: Deployment,
): Proof {
  const [answers, probed] = [`_dmarc.${domain}`, `${probe}.${domain}`].map((name) =>
    answersTo(observations, { view: 'authoritative', name, type: 'TXT' }),
  );
  return parkedProofOf(answers ?? [], probed ?? [], deployment);
}

/**
 * The DKIM slots that are right and those that certainly are not, by the domain's own servers: what
 * only a resolver says changes no status. Servers that fail at a slot alone say that it is broken.
 */
export function slotsIn(
  records: readonly CustomerRecord[],
  checks: readonly RecordCheck[],
  observations: Observations,
): Pick<Evidence, 'rightSlots' | 'brokenSlots'> {
  const judged = records
    .filter(isProof)
    .filter((record) => isAnswered(observations, ownQuestion(record)))
    .map(({ id }) => ({ id, right: isRight(checks.find((check) => check.id === id)) }));
  return {
    rightSlots: judged.filter(({ right }) => right).map(({ id }) => id),
    brokenSlots: judged.filter(({ right }) => !right).map(({ id }) => id),
  };
}

const isAnswered = (observations: Observations, question: Question): boolean =>
  answersTo(observations, question).length > 0 || failsAt(observations, question);

/**
 * The `_dmarc` record is required of parked domains only: it is their proof. Nobody finds the slots of
 * a delegated domain without its NS record.
 */
const isProof = (record: CustomerRecord): boolean =>
  kindOf(record).isProof === true ||
  isDelegation(record) ||
  (record.purpose === 'dmarc' && record.required);

/** A slot whose prepared key the customer has yet to put in place is right as it is. */
const isRight = (check: RecordCheck | undefined): boolean =>
  check?.status === 'ok' || (check?.status === 'warning' && check.code === 'stale-key');

/**
 * Returns true if any DNS answer points at the claim's hosted name, or is a key that it hosts
 * itself.
 */
export function pointsAt(claim: Claim, observations: Observations): boolean {
  const hostedName = `.${claim.label}.${claim.shard}`;
  const own = isSelfHosted(claim) ? allKeys(claim.keys).map(({ publicKey }) => publicKey) : [];
  return [...observations.values()]
    .flat()
    .flatMap(({ values, cnames }) => [...values, ...cnames])
    .some((text) => {
      const name = text.toLowerCase();
      return (
        name.includes(hostedName) ||
        name.startsWith(`${claim.label}.ns.`) ||
        own.includes(publicKeyIn(text))
      );
    });
}
