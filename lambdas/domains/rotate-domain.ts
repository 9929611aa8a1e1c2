import { isParked, isProven, type Claim, type ClaimKey } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { currentKey, REVOKED_SHOWN_DAYS } from '#shared/core/model/key-ring.ts';
import { periodOf } from '#shared/core/model/rotation.ts';
import { revokeSigningKey } from '#shared/app/rotation/revoke-signing-key.ts';
import { rotateClaim } from '#shared/app/rotation/rotate.ts';
import type { DomainPorts } from './ports.ts';
import { requireClaim } from './require-claim.ts';
import { DAY_MS, HOUR_MS } from '#shared/core/time.ts';

type Ports = Pick<DomainPorts, 'claims' | 'rotation' | 'clock'>;

/** The time a request waits for KMS; before the function's own timeout, with room to answer. */
const TIMEOUT_MS = 15_000;
/** A request that is sent again, its answer lost, must not revoke the key that took over. */
const REVOKE_AGAIN_MS = HOUR_MS;
/** With all three slots revoked nothing could sign for a week: the last one is not given up so lightly. */
const MOST_REVOKED = 2;

/**
 * Moves a domain on to its next key, because a person asks for it. The rotation counts for the
 * month's.
 *
 * @throws Refusal `not-found`, `domain-not-verified`, `rotation-not-due` with the time that is left,
 *   `rotation-held-back` with what is to be repaired
 */
export async function rotateDomain(key: ClaimKey, ports: Ports): Promise<Claim> {
  const claim = await requireClaim(key, ports.claims);
  requireKeys(claim);
  if (!isProven(claim)) throw notVerified(claim);
  const now = ports.clock.now();
  const { outcome, claim: rotated } = await rotateClaim(
    claim,
    { period: periodOf(now.toISOString()) },
    now.getTime() + TIMEOUT_MS,
    ports.rotation,
  );
  switch (outcome.kind) {
    case 'rotated':
    case 'already':
      return rotated ?? claim;
    case 'not-signing':
      throw notVerified(claim);
    case 'not-due':
      throw new Refusal(
        'rotation-not-due',
        `${claim.domain} may move on to its next key from ${outcome.retryAt} on (${outcome.reason}).`,
        secondsUntil(Date.parse(outcome.retryAt), now),
      );
    case 'awaits-customer':
      // A key is prepared, and the answer names the record to be changed.
      if (outcome.reason === 'record-to-change') return rotated ?? claim;
      throw new Refusal('rotation-held-back', outcome.detail);
    case 'held-back':
      throw new Refusal('rotation-held-back', outcome.detail);
    case 'failed':
      throw new Error(outcome.detail);
  }
}

/**
 * Revokes the current key of a domain at once and for good.
 *
 * @throws Refusal `not-found`, `rotation-held-back` where no key signs, `too-many-requests` within an
 *   hour of another revocation, or with two slots revoked
 */
export async function revokeCurrentKey(key: ClaimKey, ports: Ports): Promise<Claim> {
  const claim = await requireClaim(key, ports.claims);
  requireKeys(claim);
  requireRevocable(claim, ports.clock.now());
  const current = currentKey(claim.keys);
  if (current === undefined) {
    throw new Refusal(
      'rotation-held-back',
      `${claim.domain} has no key that signs: it is revoked already, and mail waits for another to be in DNS.`,
    );
  }
  return (await revokeSigningKey(claim, current.id, ports.rotation)) ?? claim;
}

function requireRevocable({ domain, keys }: Claim, now: Date): void {
  const times = keys.flatMap(({ state, since }) =>
    state === 'revoked' && since !== undefined ? [Date.parse(since)] : [],
  );
  const last = Math.max(0, ...times);
  if (now.getTime() < last + REVOKE_AGAIN_MS) {
    throw new Refusal(
      'too-many-requests',
      `A key of ${domain} was revoked at ${new Date(last).toISOString()}, and nothing is signed with it any more. If the key that signs now is known to others too, ask again in an hour, or notify the operator.`,
      secondsUntil(last + REVOKE_AGAIN_MS, now),
    );
  }
  if (times.length < MOST_REVOKED) return;
  const freeAt = Math.min(...times) + REVOKED_SHOWN_DAYS * DAY_MS;
  throw new Refusal(
    'too-many-requests',
    `Two slots of ${domain} show revoked keys, and there would be none left to sign with. The first takes a new key at ${new Date(freeAt).toISOString()}; if it cannot wait, delete the domain or tell the operator.`,
    secondsUntil(freeAt, now),
  );
}

function requireKeys(claim: Claim): void {
  if (!isParked(claim)) return;
  throw new Refusal(
    'domain-parked',
    `${claim.domain} is parked: it sends nothing, and has no keys.`,
  );
}

const secondsUntil = (time: number, now: Date): number =>
  Math.max(1, Math.ceil((time - now.getTime()) / 1_000));

const notVerified = ({ domain }: Claim) =>
  new Refusal(
    'domain-not-verified',
    `${domain} is not verified, so no key of it signs; put its records in place first.`,
  );
