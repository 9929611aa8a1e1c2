import { retry, retryLimits } from '#shared/async/retry.ts';
import type { CheckMemory } from '#shared/core/model/check.ts';
import type { CheckResult, RecordCheck } from '#shared/core/records/check.ts';
import {
  isDelegated,
  isParked,
  isSelfHosted,
  type Claim,
  type ClaimStatus,
  type StatusReason,
} from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { currentKey, type KeyRing } from '#shared/core/model/key-ring.ts';
import type { CheckLock, CheckState } from '../ports/check-store.ts';
import type { Random } from '../ports/clock.ts';
import { identityViews, sendIdentityRequests, turnOf } from '../identity-views.ts';
import type { IdentityView } from '../ports/identities.ts';
import { checkedRecords, kindOf } from '#shared/core/records/customer-records.ts';
import type { IdentityToken } from '#shared/core/records/kind.ts';
import { retire, endOfDeletion } from './end-of-claim.ts';
import {
  currentKeyIn,
  parkedProofIn,
  pointsAt,
  proofIn,
  showsOthersKey,
  slotsIn,
} from './decide/evidence.ts';
import { isGood } from './evaluate/combined.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { ownersOf, type Proof } from './decide/holder.ts';
import { isUndelegated, needsZone, requestZone, withoutAdvice } from './request-zone.ts';
import { queryRecords, type QueriedRecords } from './query-records.ts';
import { preparedSeen, withSeen } from './decide/own-keys.ts';
import type { CheckPorts } from './ports.ts';
import { nextDue } from './schedule.ts';
import { statusReason } from './decide/status-reason.ts';
import { decide, type Decision, type Evidence } from './decide/transition.ts';
import { encodeRandom128 } from '#shared/core/model/names.ts';
import { DAY_MS, later, MINUTE_MS } from '#shared/core/time.ts';

export interface CheckOutcome {
  /** As it is now; of lifecycle `tombstone` or `expired` where its time was over. */
  readonly claim: Claim;
  /** The records seen; of a claim that is not live, those seen last, if any. */
  readonly result: CheckResult | undefined;
  /** Set where the status changed. */
  readonly transition?: { readonly from: ClaimStatus; readonly to: ClaimStatus };
  /** Set where another check was asked for meanwhile: when it is to begin; ISO 8601. */
  readonly again?: string | undefined;
}

/**
 * A check ends with its function, which has a minute; a check that is cut short holds up the next
 * one for as long.
 */
export const LOCK_MS = MINUTE_MS;

/**
 * Checks a claim: queries the customer's DNS, decides the outcome, writes it, and returns the next
 * due time. It holds the claim's lock meanwhile; the next check repairs an interrupted one.
 *
 * @param since the check must begin at this time or later; absent: one that is under way will do
 * @returns undefined where another check holds the lock, and queues another as soon as it ends
 * @throws Conflict where others wrote the claim each time, or the lock's time is over; to be tried
 *   again
 */
export async function runCheck(
  claim: Claim,
  ports: CheckPorts,
  since?: string,
): Promise<CheckOutcome | undefined> {
  const { tenant, domain, label } = claim;
  // It begins after it was asked for, even if the clocks of two functions differ.
  const now = new Date(Math.max(ports.clock.now().getTime(), Date.parse(since ?? '') || 0));
  const lock: CheckLock = {
    owner: encodeRandom128(ports.random.bytes(16)),
    since: now.toISOString(),
    until: later(now, LOCK_MS),
  };
  const state = await ports.checks.lock({ tenant, domain, label }, lock);
  if (state === undefined) return undefined;
  const unlock = () => ports.checks.unlock(label, lock.owner);
  try {
    const outcome = await checkLocked(claim, { ...state, lock }, ports, now);
    // The result of a live claim has released it.
    if (outcome.claim.lifecycle !== 'live') await unlock();
    return outcome;
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function checkLocked(
  claim: Claim,
  state: LockedState,
  ports: CheckPorts,
  now: Date,
): Promise<CheckOutcome> {
  if (claim.lifecycle !== 'live') {
    return { claim: await endOfDeletion(claim, ports, now), result: state.result };
  }
  const identity = (await identityViews([claim], ports.identities)).get(claim.label);
  const token = tokenIn(identity);
  const queried = await queryRecords(claim, token, ports);
  const { memory, result: before } = state;
  let given: Claim | undefined = claim;
  return retry(retryLimits.conflictOnce, async () => {
    const read = given ?? (await stillLive(claim, ports));
    // The desired records may have changed with the claim: another key, another "all".
    const seen =
      given === undefined
        ? { ...queried, records: checkedRecords(read, token, ports.deployment) }
        : queried;
    given = undefined;
    requireLock(state, ports);
    const conclusion = await conclude(read, seen, { memory, before }, ports, now);
    const noted = await note(conclusion, identity, state, ports, now);
    return { ...outcomeOf(read, conclusion), ...noted };
  });
}

interface LockedState extends CheckState {
  readonly lock: CheckLock;
}

/**
 * The claim is in another table than the lock. A write of the claim is conditional on its version,
 * and is not begun once others may have the lock.
 *
 * @throws Conflict
 */
function requireLock({ domain, lock }: LockedState, { clock }: CheckPorts): void {
  if (clock.now().toISOString() < lock.until) return;
  throw new Conflict(`check of ${domain}: the time of its lock is over`);
}

/** @throws Conflict where another writer ended the claim */
async function stillLive(claim: Claim, { claims }: CheckPorts): Promise<Claim> {
  const read = await claims.get(claim);
  if (read?.label === claim.label && read.lifecycle === 'live') return read;
  throw new Conflict(`claim ${claim.domain}`);
}

/**
 * The outcome of a check, and the claim as it was written, or as it was read where nothing changed.
 */
interface Conclusion {
  readonly claim: Claim;
  readonly decision: Decision;
  readonly result: CheckResult;
  /** True if the record that SES queries is right. */
  readonly identitySeen: boolean;
}

async function conclude(
  claim: Claim,
  queried: QueriedRecords,
  { memory, before }: { readonly memory: CheckMemory; readonly before: CheckResult | undefined },
  ports: CheckPorts,
  now: Date,
): Promise<Conclusion> {
  const { records, observations, setting } = queried;
  const seen = evaluate(records, observations, setting);
  const checks = isDelegated(claim) ? withoutAdvice(records, seen) : seen;
  const proof = await proven(claim, queried, ports);
  const evidence: Evidence = {
    // Servers that the zone above no longer names need not answer for it to be known.
    proof: proof.by === 'unknown' && isUndelegated(records, checks) ? 'none' : proof.by,
    current: currentKeyIn(claim, records, observations),
    ...slotsIn(records, checks, observations),
    hasCnameTarget: pointsAt(claim, observations),
  };
  const decision = decide(claim, memory, evidence, ports.pending, now);
  const result = { checkedAt: now.toISOString(), records: withLastValues(checks, before) };
  const reason = statusReason(decision.status, evidence, checks);
  const next = nextClaim(claim, decision, reason, evidence, queried, now);
  const written = await write(claim, next, decision, ports, now);
  const { shard, label } = claim;
  if (isProven(claim) && !isParked(claim) && mayNeedAnotherKey(claim, evidence)) {
    await ports.rotationQueue.send([{ kind: 'mend', shard, label }]);
  }
  if (isProven(claim) && preparedSeen(claim, observations)) {
    // Work that waited for the customer continues.
    await ports.rotationQueue.send([{ kind: 'retry', shard, labels: [label] }]);
  }
  if (decision.status === 'lost' && claim.status !== 'lost' && proof.by === 'rival') {
    // The rival need not wait for its next regular check.
    const { tenant, domain, label } = proof.rival;
    await ports.checks.schedule({ tenant, domain, label, dueAt: now.toISOString() });
  }
  if (needsZone(written, records, checks)) await requestZone(written, ports.delegationQueue);
  const identitySeen = records.some(
    (record) => kindOf(record).isQueriedBySes && isOk(checks, record.id),
  );
  return { claim: written, decision, result, identitySeen };
}

const isOk = (checks: readonly RecordCheck[], id: string): boolean =>
  checks.some((check) => check.id === id && check.status === 'ok');

/**
 * While DNS does not answer, the desired records of a name stay those of the last check that saw
 * it.
 */
const withLastValues = (checks: readonly RecordCheck[], before: CheckResult | undefined) =>
  checks.map((check): RecordCheck => {
    const value = before?.records.find(({ id }) => id === check.id)?.value;
    return check.status === 'unknown' && value !== undefined ? { ...check, value } : check;
  });

/**
 * The key that signs is not found, or none signs though a slot is right: if another slot is intact,
 * signing moves there.
 */
const mayNeedAnotherKey = ({ keys }: Claim, { current, rightSlots }: Evidence): boolean =>
  currentKey(keys) === undefined ? rightSlots.length > 0 : current === 'wrong';

type Proven =
  | { readonly by: 'own' | 'none' | 'unknown' }
  | { readonly by: 'rival'; readonly rival: Claim };

/** A label proves something only for the live claim of this very domain that it belongs to: not once it is a retired claim. */
async function proven(
  claim: Claim,
  { observations, setting }: QueriedRecords,
  ports: CheckPorts,
): Promise<Proven> {
  const { claims, deployment } = ports;
  const probe = `${setting.probe}._domainkey.${claim.domain}`;
  const proofBy = (owners: readonly Claim[]): Proof =>
    proofIn(claim, observations, probe, deployment, ownersOf(owners));
  const self = isSelfHosted(claim) ? [claim] : [];
  let proof = proofBy(self);
  if (proof.kind !== 'proven' && showsOthersKey(claim, deployment, observations)) {
    const rivals = await claims.selfHosted(claim.domain);
    const others = rivals.filter(({ label }) => label !== claim.label);
    proof = proofBy([...self, ...others]);
  }
  if (proof.kind === 'none') return provenParked(claim, observations, setting.probe, ports);
  if (proof.kind !== 'proven') return { by: proof.kind };
  if (proof.label === claim.label) return { by: 'own' };
  const rival = await claims.getByLabel(proof.label);
  const live = rival?.lifecycle === 'live' && rival.domain === claim.domain;
  return live ? { by: 'rival', rival } : { by: 'none' };
}

/** Where no keys prove the domain, it may be parked: then its `_dmarc` name shows by whom. */
async function provenParked(
  claim: Claim,
  observations: QueriedRecords['observations'],
  probe: string,
  { claims, deployment }: CheckPorts,
): Promise<Proven> {
  const proof = parkedProofIn(claim, observations, probe, deployment);
  // A domain that sends is proven by its keys alone, whatever its _dmarc says or hides.
  if (proof.kind !== 'proven') return { by: isParked(claim) ? proof.kind : 'none' };
  if (proof.label === claim.label) return { by: isParked(claim) ? 'own' : 'none' };
  const rival = await claims.getByLabel(proof.label);
  const isRival = rival?.lifecycle === 'live' && rival.domain === claim.domain && isParked(rival);
  return isRival ? { by: 'rival', rival } : { by: 'none' };
}

function nextClaim(
  claim: Claim,
  decision: Decision,
  reason: StatusReason | undefined,
  { hasCnameTarget }: Evidence,
  { dmarc, observations }: QueriedRecords,
  now: Date,
): Claim {
  const at = now.toISOString();
  const keys = isSelfHosted(claim) ? withSeen(claim, observations, at) : claim.keys;
  const status = decision.status === 'expired' ? claim.status : decision.status;
  const proves = status === 'verified' && !isProven(claim);
  const { expiring, ...rest } = claim;
  return {
    ...(status === claim.status ? rest : inStatus(rest, status, at, reason)),
    ...warning(expiring, decision, at),
    ...(claim.dmarc === undefined ? dmarc : {}),
    ...(claim.seenAt === undefined && hasCnameTarget ? { seenAt: at } : {}),
    ...(proves ? { verifiedAt: at } : {}),
    keys: proves ? signingSince(keys, at) : keys,
    version: claim.version + 1,
  };
}

/** The tenant is warned once; there is no warning any more once something points at the claim. */
function warning(
  given: Claim['expiring'],
  { expiresAt }: Decision,
  since: string,
): Pick<Claim, 'expiring'> {
  return expiresAt === undefined ? {} : { expiring: given ?? { since, expiresAt } };
}

function inStatus(
  claim: Claim,
  status: ClaimStatus,
  statusSince: string,
  reason: StatusReason | undefined,
): Claim {
  const { statusReason: _, ...rest } = claim;
  return { ...rest, status, statusSince, ...(reason && { statusReason: reason }) };
}

const isProven = ({ status }: Claim): boolean => status === 'verified' || status === 'at-risk';

/** The ring of a claim that may sign from now on: its first key has been current since birth, and signs at last. */
const signingSince = (keys: KeyRing, at: string): KeyRing =>
  keys.map((key) =>
    key.state === 'current' && key.firstSignedAt === undefined
      ? { ...key, firstSignedAt: at }
      : key,
  ) as unknown as KeyRing;

/** Writes what changed, and nothing where nothing did: every write of a claim wakes the publisher. */
async function write(
  claim: Claim,
  next: Claim,
  decision: Decision,
  ports: CheckPorts,
  now: Date,
): Promise<Claim> {
  if (decision.status === 'expired') {
    const expiredAt = now.toISOString();
    return retire(claim, { ...next, lifecycle: 'expired', expiredAt }, ports);
  }
  if (next.status === 'verified' && !isProven(claim)) {
    await ports.claims.hold(claim, next, now.toISOString());
    return next;
  }
  const changed =
    next.status !== claim.status ||
    next.seenAt !== claim.seenAt ||
    next.dmarc !== claim.dmarc ||
    next.keys !== claim.keys ||
    next.expiring !== claim.expiring;
  if (!changed) return claim;
  await ports.claims.update(claim, next);
  return next;
}

/**
 * Notes the result, what to remember, and the next due time; requests a check of the SES identity
 * where that may help.
 *
 * @throws Conflict where another check has taken the lock
 */
async function note(
  { claim, decision, result, identitySeen }: Conclusion,
  identity: IdentityView | undefined,
  { memory: earlier, lastSentAt, lock }: LockedState,
  ports: CheckPorts,
  now: Date,
): Promise<Pick<CheckOutcome, 'again'>> {
  if (claim.lifecycle !== 'live') return {};
  const { tenant, domain, label } = claim;
  const awaitsIdentity = identitySeen && identity?.status !== 'ready';
  const memory: CheckMemory = {
    ...decision.memory,
    ...(awaitsIdentity && { identitySeenSince: earlier.identitySeenSince ?? result.checkedAt }),
    ...amissSince(result, earlier),
  };
  const dueAt = nextDue(
    claim,
    { lastSentAt, ...memory },
    now,
    fraction(ports.random),
  ).toISOString();
  const check = { tenant, domain, label, result, memory, dueAt };
  const noted = await ports.checks.record(check, lock.owner);
  if (noted === undefined) throw new Conflict(`check of ${domain}: another has the lock`);
  if (!isParked(claim) && (awaitsIdentity || needsTurn(claim, identity, now))) {
    const request = { ...turnOf(claim), ...(identitySeen ? { recordSeen: true } : {}) };
    await sendIdentityRequests(ports.identityQueue, [request]);
  }
  return isDropped(noted, result, ports) ? { again: noted.requestedAt } : {};
}

/** A record that was not answered is as it was before; one without a value is not the customer's. */
function amissSince(
  { records, checkedAt }: CheckResult,
  earlier: CheckMemory,
): Pick<CheckMemory, 'amissSince'> {
  const known = records.filter(({ status }) => status !== 'unknown' && status !== 'preparing');
  const remains = known.some((record) => !isGood(record));
  if (!remains && known.length === records.length) return {};
  const since = earlier.amissSince ?? (remains ? checkedAt : undefined);
  return since === undefined ? {} : { amissSince: since };
}

/** Clocks of two functions differ by less. */
const CLOCKS_MS = 1_000;

/**
 * True if the message of a later request found the lock held, and so was dropped. That of a request
 * for a later time is yet to come.
 */
const isDropped = (
  { requestedAt }: CheckState,
  { checkedAt }: CheckResult,
  { clock }: CheckPorts,
): boolean =>
  requestedAt !== undefined &&
  requestedAt > checkedAt &&
  requestedAt <= later(clock.now(), CLOCKS_MS);

/** Returns true if a turn at SES may show the claim more: it had none, or none since it was proven. */
function needsTurn(claim: Claim, identity: IdentityView | undefined, now: Date): boolean {
  if (identity?.token === undefined) return true;
  if (isProven(claim) && identity.hasMailFrom !== true) return true;
  return now.getTime() - Date.parse(identity.polledAt) >= DAY_MS;
}

const tokenIn = (identity: IdentityView | undefined): IdentityToken | undefined =>
  identity?.token === undefined ? undefined : { token: identity.token };

/** 0 up to 1. */
const fraction = (random: Random): number => {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_536;
};

const outcomeOf = (read: Claim, { claim, result }: Conclusion): CheckOutcome => ({
  claim,
  result,
  ...(claim.status === read.status ? {} : { transition: { from: read.status, to: claim.status } }),
});
