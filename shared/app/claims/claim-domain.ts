import { sha256Hex } from '#shared/core/digest.ts';
import { retry, retryLimits } from '#shared/async/retry.ts';
import {
  isDelegated,
  isParked,
  newClaim,
  reclaimed,
  restoredClaim,
  type Claim,
  type Hosting,
  type Purpose,
} from '#shared/core/model/claim.ts';
import { noKeys, type KeyRing } from '#shared/core/model/key-ring.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import { BudgetExceeded, Conflict, Refusal } from '#shared/core/model/errors.ts';
import {
  labelOf,
  parseDomainName,
  type DomainName,
  type PlatformId,
  type TenantId,
} from '#shared/core/model/names.ts';
import { requireClaimable } from '#shared/core/model/claimable.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { ShardFull } from '#shared/app/ports/claim-store.ts';
import { forgeKeyRing } from '#shared/app/rotation/forge.ts';
import { chooseShard, noCapacity } from './choose-shard.ts';
import type { ClaimPorts } from './ports.ts';
import { requireNoPlan } from './require-no-plan.ts';
import { startingPolicy } from './starting-policy.ts';
import { HOUR_MS, MINUTE_MS, later } from '#shared/core/time.ts';

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
  /** The platform that claims for the tenant, whose budgets count; absent: the tenant's do. */
  readonly platform?: PlatformId | undefined;
  /** True if the claim was taken from the platform's budget before, with those of its import. */
  readonly isTaken?: boolean | undefined;
}

const FIRST_CHECK_MS = MINUTE_MS;

/**
 * Claims a domain for a tenant: names checked, keys made, one conditional write. Publishing and the
 * SES identity follow from the write. Claiming a domain that is being deleted undoes the deletion; one
 * that expired without ever being proven has the same label and keys again.
 *
 * A request with an Idempotency-Key that was seen before gives the claim it made then.
 *
 * @throws BudgetExceeded `claims-hour`, `pending-claims`, `delegated-claims-day`; for a platform `platform-claims-day`,
 *   `platform-pending-claims`
 * @throws Refusal where the name cannot be claimed, the tenant claimed it before, or has too many
 *   pending claims; `busy` where keys or the write have to wait for others
 */
export async function claimDomain(request: ClaimRequest, ports: ClaimPorts): Promise<Claim> {
  const { budgets, claims, clock, deployment } = ports;
  const { tenant } = request;
  const domain = parseDomainName(request.name);
  requireClaimable(domain, deployment.zone);
  const idempotencyKey =
    request.idempotencyKey === undefined ? undefined : digestOf(request.idempotencyKey);

  const made = await madeBefore({ tenant, domain, idempotencyKey }, ports);
  if (made) return made;
  const present = await claims.get({ tenant, domain });
  if (request.hosting === 'delegated') requireDelegable(domain, ports);
  if (present?.lifecycle === 'deleting') requireSamePurpose(present, request);
  else if (present) {
    // The same request made it since it was searched for by its key.
    if (idempotencyKey !== undefined && present.idempotencyKey === idempotencyKey) return present;
    throw alreadyClaimed(domain);
  }
  const pendingPerTenant = await pendingLimit(request, budgets);
  if (present) {
    const restored = restoredFor(present, request, ports);
    await takeClaim(request, budgets);
    return restore(present, { ...restored, ...noted(idempotencyKey) }, pendingPerTenant, ports);
  }
  // The write decides; this spares the keys, which cost money, where it is sure to refuse.
  if ((await claims.pendingCount(tenant)) >= pendingPerTenant)
    throw tooManyPending(pendingPerTenant);
  await takeClaim(request, budgets);
  if (request.hosting === 'delegated') {
    await budgets.take(request.platform ?? tenant, 'delegated-claims', 1);
  }

  const parked = isParked(request);
  const [expired, policy] = await Promise.all([
    claims.reclaimable({ tenant, domain }),
    parked ? { dmarc: parkedPolicy } : startingPolicy(domain, ports),
  ]);
  let former = expired && isParked(expired) === parked ? expired : undefined;
  const birth = (hosting: Hosting | undefined) => ({
    tenant,
    domain,
    ...(hosting === undefined || hosting === 'service' ? {} : { hosting }),
    ...(parked ? { purpose: 'parked' as const } : {}),
    ...policy,
    createdAt: clock.now().toISOString(),
    ...noted(idempotencyKey),
  });
  let keys: KeyRing | undefined;
  const born = async (): Promise<Claim> => {
    if (former) return reclaimed(former, birth(request.hosting ?? former.hosting));
    keys ??= parked ? noKeys : await forgeKeyRing(deployment.selectors, { tenant, domain }, ports);
    const [label, shard] = [labelOf(ports.random.bytes(16)), await chooseShard(ports)];
    return newClaim({ ...birth(request.hosting), label, shard, keys });
  };
  const create = async (): Promise<Claim> => {
    const claim = await born();
    try {
      await scheduleFirstCheck(claim, ports);
      const limits = { pendingPerTenant, claimsPerShard: CLAIMS_PER_SHARD };
      await claims.create(claim, limits, former);
      return claim;
    } catch (error) {
      const raced = await madeBefore({ tenant, domain, idempotencyKey }, ports);
      if (raced) return raced;
      // Its names are of its shard, so that in another the label would help nobody.
      if (error instanceof ShardFull) former = undefined;
      throw error;
    }
  };
  try {
    return await retry({ ...retryLimits.conflict, on: mayFitElsewhere }, create);
  } catch (error) {
    throw error instanceof ShardFull ? noCapacity() : error;
  }
}

const pendingLimit = (
  { tenant, platform }: ClaimRequest,
  budgets: ClaimPorts['budgets'],
): Promise<number> =>
  platform === undefined
    ? budgets.limit(tenant, 'pending-claims')
    : budgets.limit(platform, 'platform-pending-claims');

/** @throws BudgetExceeded */
async function takeClaim(
  { tenant, platform, isTaken = false }: ClaimRequest,
  budgets: ClaimPorts['budgets'],
): Promise<void> {
  if (isTaken) return;
  await (platform === undefined
    ? budgets.take(tenant, 'claims', 1)
    : budgets.take(platform, 'platform-claims', 1));
}

/** A domain that sends nothing, and has no subdomains that do, loses no mail by it. */
const parkedPolicy = { p: 'reject', sp: 'reject' } as const;

/**
 * A zone of ours would take a whole domain over, with its website and mail: so only subdomains.
 *
 * @throws Refusal `delegation-not-offered`, `domain-not-claimable`
 */
function requireDelegable(domain: DomainName, { offersDelegation = false }: ClaimPorts): void {
  if (!offersDelegation) {
    throw new Refusal(
      'delegation-not-offered',
      'This service takes no delegated subdomains; claim the domain without "hosting".',
    );
  }
  if (registrableDomain(domain) !== domain) return;
  throw new Refusal(
    'domain-not-claimable',
    `${domain} cannot be delegated: all that it serves would go with it. Delegate a subdomain that serves nothing else, such as mail.${domain}.`,
  );
}

/**
 * A deleted claim comes back as what it was: its records are in the customer's DNS.
 *
 * @throws Refusal `domain-deleting`
 */
function requireSamePurpose(
  deleting: Claim,
  { purpose = 'sending', hosting = deleting.hosting ?? 'service' }: ClaimRequest,
): void {
  if (isDelegated(deleting) !== isDelegated({ hosting })) {
    throw new Refusal(
      'domain-deleting',
      `${deleting.domain} is being deleted with the hosting "${deleting.hosting ?? 'service'}". Claim it with that to undo the deletion, or wait until it is deleted.`,
    );
  }
  const was = deleting.purpose ?? 'sending';
  if (was === purpose) return;
  throw new Refusal(
    'domain-deleting',
    `${deleting.domain} is being deleted as a domain of the purpose "${was}". Claim it with that to undo the deletion, or wait until it is deleted.`,
  );
}

/** Each try chooses a shard and a label again, but for those of a claim that expired. */
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

const noted = (idempotencyKey: string | undefined): Pick<Claim, 'idempotencyKey'> =>
  idempotencyKey === undefined ? {} : { idempotencyKey };

/** A claim whose deletion is undone, hosted as the request says. */
function restoredFor(deleting: Claim, { hosting }: ClaimRequest, { clock }: ClaimPorts): Claim {
  const restored = restoredClaim(deleting, clock.now().toISOString());
  if (hosting === 'self') requireNoPlan(restored);
  return { ...restored, ...(hosting === undefined ? {} : { hosting }) };
}

/** Undoes a deletion. The next check, due only when the deletion would have ended, is due at once. */
async function restore(
  deleting: Claim,
  next: Claim,
  pendingPerTenant: number,
  { claims, checks }: ClaimPorts,
): Promise<Claim> {
  await claims.update(deleting, next, { pendingPerTenant });
  const { tenant, domain, label, statusSince: dueAt } = next;
  await checks.schedule({ tenant, domain, label, dueAt });
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
  return sha256Hex(idempotencyKey);
}

const alreadyClaimed = (domain: DomainName) =>
  new Refusal(
    'domain-already-claimed',
    `You have claimed ${domain} already; see GET /v1/domains/${domain}.`,
  );

const tooManyPending = (limit: number) =>
  new BudgetExceeded(
    'pending-claims',
    `${limit} of your domains are not verified yet, which is as many as can be; publish their records, or delete those that you do not need.`,
    HOUR_MS / 1_000,
    'too-many-pending-claims',
  );
