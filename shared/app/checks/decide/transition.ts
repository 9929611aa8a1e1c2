import type { CheckMemory } from '#shared/core/model/check.ts';
import { LOST_AFTER_DAYS, type Claim } from '#shared/core/model/claim.ts';
import { expiryOf, isExpiring, type PendingDays } from '#shared/core/model/expiry.ts';
import { DAY_MS, later } from '#shared/core/time.ts';

/** The findings of one check about one claim. */
export interface Evidence {
  /** The holder that DNS names; `rival` only where the rival's claim is live. */
  readonly proof: 'own' | 'rival' | 'none' | 'unknown';
  /** True if receivers find, by the customer's name, the very key that signs. */
  readonly current: 'right' | 'wrong' | 'unknown';
  /** Record ids of the DKIM slots that are right, and of those that are certainly not. */
  readonly rightSlots: readonly string[];
  readonly brokenSlots: readonly string[];
  /** True if anything in the customer's DNS points at the claim's label. */
  readonly hasCnameTarget: boolean;
}

export interface Decision {
  /** `expired`: never seen pointing at us in all the time a claim has; it is to be retired. */
  readonly status: Claim['status'] | 'expired';
  readonly memory: CheckMemory;
  /** When a pending claim expires, ISO 8601; absent until its tenant is to be warned. */
  readonly expiresAt?: string;
}

/** For how long DNS may say nothing before a verified claim is `at-risk`. */
export const UNKNOWN_DAYS = 14;

/**
 * The state of a claim by the evidence alone.
 *
 * - `right`: the holder, and the key that signs is found.
 * - `degraded`: likewise, but another slot that was right is not any more: the next rotation would
 *   find it broken, while today's mail is fine.
 * - `broken`: not the holder by DNS, or the key that signs is not found.
 * - `rival`: another claim is the holder.
 * - `unknown`: DNS did not answer.
 */
type Health = 'right' | 'degraded' | 'broken' | 'rival' | 'unknown';

function healthOf(evidence: Evidence, memory: CheckMemory): Health {
  const { proof, current, brokenSlots } = evidence;
  if (proof === 'rival') return 'rival';
  if (proof === 'unknown') return 'unknown';
  if (proof === 'none') return 'broken';
  if (current !== 'right') return current === 'wrong' ? 'broken' : 'unknown';
  return brokenSlots.some((id) => memory.rightSlots.includes(id)) ? 'degraded' : 'right';
}

/**
 * Returns the status of a live claim after a check. While DNS stays the same and answers, a second
 * decision equals the first but for waiting times that run out.
 */
export function decide(
  claim: Pick<Claim, 'status' | 'statusSince' | 'seenAt'>,
  memory: CheckMemory,
  evidence: Evidence,
  days: Pick<PendingDays, 'claimDays'>,
  now: Date,
): Decision {
  const health = healthOf(evidence, memory);
  switch (claim.status) {
    case 'pending':
      return decidePending(claim, memory, evidence, health, days, now);
    case 'lost':
      return isProven(health)
        ? { status: 'verified', memory: firstMemory(evidence) }
        : { status: 'lost', memory: remember(memory, evidence, health, now) };
    case 'verified':
    case 'at-risk':
      return decideHeld(claim.status, memory, evidence, health, now);
  }
}

const isProven = (health: Health): boolean => health === 'right' || health === 'degraded';

function decidePending(
  { statusSince, seenAt }: Pick<Claim, 'statusSince' | 'seenAt'>,
  memory: CheckMemory,
  evidence: Evidence,
  health: Health,
  days: Pick<PendingDays, 'claimDays'>,
  now: Date,
): Decision {
  if (isProven(health)) return { status: 'verified', memory: firstMemory(evidence) };
  const next = remember(memory, evidence, health, now);
  const neverSeen = seenAt === undefined && !evidence.hasCnameTarget;
  if (!neverSeen) return { status: 'pending', memory: next };
  const expiry = expiryOf({ statusSince }, days, next.silentMs);
  // DNS that is out does not let a claim expire, unless it has been out for as long as that.
  const isKnown = health !== 'unknown' || daysSince(next.unknownSince, now) >= UNKNOWN_DAYS;
  if (isKnown && now >= expiry) return { status: 'expired', memory: next };
  return {
    status: 'pending',
    memory: next,
    ...(isExpiring(expiry, days, now) && { expiresAt: expiry.toISOString() }),
  };
}

function decideHeld(
  status: 'verified' | 'at-risk',
  memory: CheckMemory,
  evidence: Evidence,
  health: Health,
  now: Date,
): Decision {
  const next = remember(memory, evidence, health, now);
  switch (health) {
    case 'right':
      return { status: 'verified', memory: next };
    case 'degraded':
      return { status: 'at-risk', memory: next };
    case 'broken':
      return {
        status: daysSince(next.brokenSince, now) >= LOST_AFTER_DAYS ? 'lost' : 'at-risk',
        memory: next,
      };
    case 'rival':
      return { status: 'lost', memory: next };
    case 'unknown':
      return {
        status: daysSince(next.unknownSince, now) >= UNKNOWN_DAYS ? 'at-risk' : status,
        memory: next,
      };
  }
}

/** A claim that was just proven: what never was right, is not broken. */
const firstMemory = ({ rightSlots }: Evidence): CheckMemory => ({ rightSlots });

function remember(
  memory: CheckMemory,
  { rightSlots }: Evidence,
  health: Health,
  now: Date,
): CheckMemory {
  const at = now.toISOString();
  const silentMs = silence(memory, health, now);
  const kept = {
    rightSlots: [...new Set([...memory.rightSlots, ...rightSlots])].toSorted(),
    ...(silentMs === 0 ? {} : { silentMs }),
  };
  if (health === 'unknown') {
    const { brokenSince } = memory;
    return {
      ...kept,
      unknownSince: memory.unknownSince ?? at,
      ...(brokenSince === undefined ? {} : { brokenSince }),
    };
  }
  // While one slot is right, receivers verify what it signs: the claim is not lost.
  if (health !== 'broken' || rightSlots.length > 0) return kept;
  return { ...kept, brokenSince: brokenSince(memory, now) };
}

/** The time without any answer of DNS, up to a present outage. */
const silence = ({ silentMs = 0, unknownSince }: CheckMemory, health: Health, now: Date): number =>
  unknownSince === undefined || health === 'unknown'
    ? silentMs
    : silentMs + now.getTime() - Date.parse(unknownSince);

/** Since when it is broken, moved on by the time in which DNS said nothing, so that this does not count. */
function brokenSince({ brokenSince: since, unknownSince }: CheckMemory, now: Date): string {
  if (since === undefined) return now.toISOString();
  if (unknownSince === undefined) return since;
  return later(since, now.getTime() - Date.parse(unknownSince));
}

/** @returns 0 where it never began */
const daysSince = (since: string | undefined, now: Date): number =>
  since === undefined ? 0 : (now.getTime() - Date.parse(since)) / DAY_MS;
