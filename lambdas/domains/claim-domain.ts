import { createHash } from 'node:crypto';
import { retry, retryLimits } from '#shared/async/retry.ts';
import {
  isParked,
  newClaim,
  restoredClaim,
  type Claim,
  type Hosting,
  type Purpose,
} from '#shared/core/model/claim.ts';
import { noKeys } from '#shared/core/model/key-ring.ts';
import { PENDING_CLAIMS_PER_TENANT } from '#shared/core/model/deployment.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import {
  labelOf,
  parseDomainName,
  requireClaimable,
  type DomainName,
  type TenantId,
} from '#shared/core/model/names.ts';
import { ShardFull } from '#shared/app/ports/claim-store.ts';
import { forgeKeyRing } from '#shared/app/rotation/forge.ts';
import { requireNoPlan } from './change-hosting.ts';
import { chooseShard, noCapacity } from './choose-shard.ts';
import type { DomainPorts } from './ports.ts';
import { startingPolicy } from './starting-policy.ts';
import { MINUTE_MS, later } from '#shared/core/time.ts';

export interface ClaimRequest {
  readonly tenant: TenantId;
  /** As received. */
  readonly name: string;
  /** The Idempotency-Key as received. */
  readonly idempotencyKey: string | undefined;
  /** The host of its keys; as it was of a claim that is restored, else the service. */
  readonly hosting?: Hosting | undefined;
  /** `sending` where it is absent. */
  readonly purpose?: Purpose | undefined;
}

type ClaimPorts = Pick<
  DomainPorts,
  'deployment' | 'claims' | 'checks' | 'forge' | 'resolver' | 'clock' | 'random' | 'retryTime'
>;

const limits = { pendingPerTenant: PENDING_CLAIMS_PER_TENANT, claimsPerShard: CLAIMS_PER_SHARD };
const FIRST_CHECK_MS = MINUTE_MS;

/**
 * Claims a domain for a tenant: names checked, keys made, one conditional write. Publishing and the
 * SES identity follow from the write. Claiming a domain that is being deleted undoes the deletion.
 *
 * A request with an Idempotency-Key that was seen before gives the claim it made then.
 *
 * @throws Refusal where the name cannot be claimed, the tenant claimed it before, or has too many
 *   pending claims; `busy` where keys or the write have to wait for others
 */
export async function claimDomain(request: ClaimRequest, ports: ClaimPorts): Promise<Claim> {
  const { claims, clock, deployment } = ports;
  const { tenant } = request;
  const domain = parseDomainName(request.name);
  requireClaimable(domain, deployment.zone);
  const idempotencyKey =
    request.idempotencyKey === undefined ? undefined : digestOf(request.idempotencyKey);

  const made = await madeBefore({ tenant, domain, idempotencyKey }, ports);
  if (made) return made;
  const present = await claims.get({ tenant, domain });
  if (present?.lifecycle === 'deleting') {
    requireSamePurpose(present, request);
    return restore(present, request.hosting, idempotencyKey, ports);
  }
  if (present) throw alreadyClaimed(domain);
  // The write decides; this spares the keys, which cost money, where it is sure to refuse.
  if ((await claims.pendingCount(tenant)) >= limits.pendingPerTenant) throw tooManyPending();

  const parked = isParked(request);
  const [keys, policy] = await Promise.all([
    parked ? noKeys : forgeKeyRing(deployment.selectors, { tenant, domain }, ports),
    parked ? { dmarc: parkedPolicy } : startingPolicy(domain, ports),
  ]);
  const create = async (): Promise<Claim> => {
    const claim = newClaim({
      tenant,
      domain,
      label: labelOf(ports.random.bytes(16)),
      shard: await chooseShard(ports),
      ...(request.hosting === 'self' ? { hosting: 'self' } : {}),
      ...(parked ? { purpose: 'parked' } : {}),
      keys,
      ...policy,
      createdAt: clock.now().toISOString(),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
    try {
      await scheduleFirstCheck(claim, ports);
      await claims.create(claim, limits);
      return claim;
    } catch (error) {
      const raced = await madeBefore({ tenant, domain, idempotencyKey }, ports);
      if (raced) return raced;
      throw error;
    }
  };
  try {
    return await retry({ ...retryLimits.conflict, on: mayFitElsewhere }, create);
  } catch (error) {
    throw error instanceof ShardFull ? noCapacity() : error;
  }
}

/** A domain that sends nothing, and has no subdomains that do, loses no mail by it. */
const parkedPolicy = { p: 'reject', sp: 'reject' } as const;

/**
 * A deleted claim comes back as what it was: its records are in the customer's DNS.
 *
 * @throws Refusal `domain-deleting`
 */
function requireSamePurpose(deleting: Claim, { purpose = 'sending' }: ClaimRequest): void {
  const was = deleting.purpose ?? 'sending';
  if (was === purpose) return;
  throw new Refusal(
    'domain-deleting',
    `${deleting.domain} is being deleted as a domain of the purpose "${was}". Claim it with that to undo the deletion, or wait until it is deleted.`,
  );
}

/** Each try chooses a shard and a label again. */
const mayFitElsewhere = (error: unknown): boolean =>
  error instanceof ShardFull || error instanceof Conflict;

/**
 * The stream's request checks a new claim sooner; this covers its loss. It is noted before the
 * claim, since nothing else would find it; one noted in vain is forgotten when due.
 */
async function scheduleFirstCheck(
  { tenant, domain, label, createdAt }: Claim,
  { checks }: ClaimPorts,
): Promise<void> {
  const dueAt = later(createdAt, FIRST_CHECK_MS);
  await checks.schedule({ tenant, domain, label, dueAt });
}

/** Undoes a deletion. The next check, due only when the deletion would have ended, is due at once. */
async function restore(
  deleting: Claim,
  hosting: Hosting | undefined,
  idempotencyKey: string | undefined,
  { claims, checks, clock }: ClaimPorts,
): Promise<Claim> {
  const now = clock.now().toISOString();
  const restored = restoredClaim(deleting, now);
  if (hosting === 'self') requireNoPlan(restored);
  const next = {
    ...restored,
    ...(hosting === undefined ? {} : { hosting }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  await claims.update(deleting, next, limits);
  const { tenant, domain, label } = next;
  await checks.schedule({ tenant, domain, label, dueAt: now });
  return next;
}

/**
 * The claim that an earlier request with the same key made.
 *
 * @throws Refusal `idempotency-key-reused` where that was of another domain
 */
async function madeBefore(
  request: { tenant: TenantId; domain: DomainName; idempotencyKey: string | undefined },
  { claims }: ClaimPorts,
): Promise<Claim | undefined> {
  if (request.idempotencyKey === undefined) return undefined;
  const domain = await claims.domainOfRequest(request.tenant, request.idempotencyKey);
  if (domain === undefined) return undefined;
  if (domain !== request.domain) {
    throw new Refusal(
      'idempotency-key-reused',
      'This Idempotency-Key was sent before, with another body; send a new key with every new request.',
    );
  }
  return claims.get(request);
}

/** Printable ASCII, short: what a client can put in a header field. */
const idempotencyKeyForm = /^[\x21-\x7e]{1,255}$/;

/** @throws Refusal `invalid-parameter` */
function digestOf(idempotencyKey: string): string {
  if (!idempotencyKeyForm.test(idempotencyKey)) {
    throw new Refusal(
      'invalid-parameter',
      'The Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID.',
    );
  }
  return createHash('sha256').update(idempotencyKey).digest('hex');
}

const alreadyClaimed = (domain: DomainName) =>
  new Refusal(
    'domain-already-claimed',
    `You have claimed ${domain} already; see GET /v1/domains/${domain}.`,
  );

const tooManyPending = () =>
  new Refusal(
    'too-many-pending-claims',
    `${PENDING_CLAIMS_PER_TENANT} of your domains are not verified yet, which is as many as can be; publish their records, or delete those that you do not need.`,
  );
