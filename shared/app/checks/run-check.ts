import { retry, retryLimits } from '#shared/async/retry.ts';
import { newMemory, type CheckMemory } from '#shared/core/model/check.ts';
import type { CheckResult, RecordCheck } from '#shared/core/records/check.ts';
import {
  isParked,
  isSelfHosted,
  type Claim,
  type ClaimStatus,
  type StatusReason,
} from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { currentKey, type KeyRing } from '#shared/core/model/key-ring.ts';
import type { CheckState } from '../ports/check-store.ts';
import type { Random } from '../ports/clock.ts';
import type { Identity } from '../ports/identities.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { SES_IDENTITY } from '#shared/core/records/kinds/ses.ts';
import { retire, endOfDeletion } from './end-of-claim.ts';
import {
  currentKeyIn,
  parkedProofIn,
  pointsAt,
  proofIn,
  showsOthersKey,
  slotsIn,
} from './decide/evidence.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { ownersOf, type Proof } from './decide/holder.ts';
import { queryRecords, type QueriedRecords } from './query-records.ts';
import { preparedSeen, withSeen } from './decide/own-keys.ts';
import type { CheckPorts } from './ports.ts';
import { nextDue } from './schedule.ts';
import { statusReason } from './decide/status-reason.ts';
import { decide, type Decision, type Evidence } from './decide/transition.ts';
import { DAY_MS } from '#shared/core/time.ts';

export interface CheckOutcome {
  /** As it is now; of lifecycle `tombstone` or `expired` where its time was over. */
  readonly claim: Claim;
  /** The records seen; of a claim that is not live, those seen last, if any. */
  readonly result: CheckResult | undefined;
  /** Set where the status changed. */
  readonly transition?: { readonly from: ClaimStatus; readonly to: ClaimStatus };
}

/**
 * Checks a claim: queries the customer's DNS, decides the outcome, writes it, and returns the next
 * due time. The next check repairs an interrupted one.
 *
 * @throws Conflict where others wrote the claim each time; to be tried again
 */
export async function runCheck(claim: Claim, ports: CheckPorts, now: Date): Promise<CheckOutcome> {
  const state = await ports.checks.get(claim.label);
  if (claim.lifecycle !== 'live') {
    return { claim: await endOfDeletion(claim, ports, now), result: state?.result };
  }
  const identity = await ports.identities.get(claim.domain);
  const queried = await queryRecords(claim, identity, ports);
  const memory = state?.memory ?? newMemory;
  const before = state?.result;
  let given: Claim | undefined = claim;
  return retry(retryLimits.conflictOnce, async () => {
    const read = given ?? (await stillLive(claim, ports));
    // The desired records may have changed with the claim: another key, another "all".
    const seen =
      given === undefined
        ? { ...queried, records: customerRecords(read, identity, ports.deployment) }
        : queried;
    given = undefined;
    const conclusion = await conclude(read, seen, { memory, before }, ports, now);
    await note(conclusion, identity, state, ports, now);
    return outcomeOf(read, conclusion);
  });
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
}

async function conclude(
  claim: Claim,
  queried: QueriedRecords,
  { memory, before }: { readonly memory: CheckMemory; readonly before: CheckResult | undefined },
  ports: CheckPorts,
  now: Date,
): Promise<Conclusion> {
  const { records, observations, setting } = queried;
  const checks = evaluate(records, observations, setting);
  const proof = await proven(claim, queried, ports);
  const evidence: Evidence = {
    proof: proof.by,
    current: currentKeyIn(claim, records, observations),
    ...slotsIn(records, checks, observations),
    hasCnameTarget: pointsAt(claim, observations),
  };
  const decision = decide(claim, memory, evidence, now);
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
  return { claim: written, decision, result };
}

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
  return {
    ...(status === claim.status ? claim : inStatus(claim, status, at, reason)),
    ...(claim.dmarc === undefined ? dmarc : {}),
    ...(claim.seenAt === undefined && hasCnameTarget ? { seenAt: at } : {}),
    ...(proves ? { verifiedAt: at } : {}),
    keys: proves ? signingSince(keys, at) : keys,
    version: claim.version + 1,
  };
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
    return retire(claim, { ...next, lifecycle: 'expired' }, ports);
  }
  if (next.status === 'verified' && !isProven(claim)) {
    await ports.claims.hold(claim, next, now.toISOString());
    return next;
  }
  const changed =
    next.status !== claim.status ||
    next.seenAt !== claim.seenAt ||
    next.dmarc !== claim.dmarc ||
    next.keys !== claim.keys;
  if (!changed) return claim;
  await ports.claims.update(claim, next);
  return next;
}

/**
 * Notes the result, what to remember, and the next due time; requests a check of the SES identity
 * where that may help.
 */
async function note(
  { claim, decision, result }: Conclusion,
  identity: Identity | undefined,
  state: CheckState | undefined,
  ports: CheckPorts,
  now: Date,
): Promise<void> {
  if (claim.lifecycle !== 'live') return;
  const { tenant, domain, label } = claim;
  const identitySeen = result.records.some(
    ({ id, status }) => id === SES_IDENTITY && status === 'ok',
  );
  const awaitsIdentity = identitySeen && identity?.status !== 'ready';
  const memory: CheckMemory = awaitsIdentity
    ? {
        ...decision.memory,
        identitySeenSince: state?.memory.identitySeenSince ?? result.checkedAt,
      }
    : decision.memory;
  const dueAt = nextDue(
    claim,
    { lastSentAt: state?.lastSentAt, identitySeenSince: memory.identitySeenSince },
    now,
    fraction(ports.random),
  ).toISOString();
  await ports.checks.record({ tenant, domain, label, result, memory, dueAt });
  const stale = identity !== undefined && now.getTime() - Date.parse(identity.polledAt) >= DAY_MS;
  if (!isParked(claim) && (identity === undefined || awaitsIdentity || stale)) {
    await ports.identityQueue.send([{ domain }], { group: () => 'identities' });
  }
}

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
