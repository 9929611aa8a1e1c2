import { runCheck, type CheckOutcome } from '#shared/app/checks/run-check.ts';
import type { CheckPorts } from '#shared/app/checks/ports.ts';
import { maySign, type Claim } from '#shared/core/model/claim.ts';
import { PENDING_DAYS } from '#shared/core/model/expiry.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { IdentityView } from '#shared/app/ports/identities.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import type { DelegationRequest, IdentityRequest } from '#shared/app/ports/queues.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { DAY_MS as DAY, HOUR_MS as HOUR, MINUTE_MS as MINUTE } from '#shared/core/time.ts';
import { MemoryCheckStore } from '../../../fakes/check-store.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryIdentityStore } from '../../../fakes/identity-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { FakeDns, type DnsRecord } from '../../../fakes/resolver.ts';

export const DOMAIN = 'example.com' as DomainName;
export const START = '2026-11-01T00:00:00.000Z';
export { DAY, HOUR, MINUTE };

/** A claim whose keys belong to no other claim. */
export function newClaim(changes: Partial<Claim> = {}): Claim {
  const claim = givenClaim(changes);
  const keys = claim.keys.map((key) => ({
    ...key,
    publicKey: Buffer.from(`${claim.label} ${key.selector}`).toString('base64'),
  })) as unknown as KeyRing;
  return { ...claim, keys };
}

/** What a claim sees of its domain's SES identity. */
export const viewOf = (
  { label }: Pick<Claim, 'label'>,
  changes: Partial<IdentityView> = {},
): IdentityView => ({
  label,
  status: 'preparing',
  token: 'sestoken',
  polledAt: START,
  ...changes,
});

/** The records that a customer copies from the service's answer. */
export const copied = (claim: Claim): DnsRecord[] =>
  customerRecords(claim, { token: 'sestoken' }, deployment).map(({ name, type, value }) => ({
    name,
    type,
    value: value ?? '',
  }));

export const without = (records: readonly DnsRecord[], name: string): DnsRecord[] =>
  records.filter((record) => record.name !== name);

export const replaced = (
  records: readonly DnsRecord[],
  ...others: readonly DnsRecord[]
): DnsRecord[] => [
  ...records.filter(
    ({ name, type }) =>
      !others.some(
        (o) => o.name === name && (o.type === type || type === 'CNAME' || o.type === 'CNAME'),
      ),
  ),
  ...others,
];

/** A deployment in memory: claims, what we host of them, and the customers' DNS. */
export class TestEnvironment {
  readonly claims = new MemoryClaimStore();
  readonly checks = new MemoryCheckStore();
  readonly identities = new MemoryIdentityStore();
  readonly identityQueue = new MemoryQueue<IdentityRequest>();
  readonly delegationQueue = new MemoryQueue<DelegationRequest>();
  readonly rotationQueue = new MemoryQueue<RepairRequest>();
  readonly dns = new FakeDns();
  now = Date.parse(START);
  readonly #hosted: Claim[] = [];
  #random = 0;

  readonly ports: CheckPorts = {
    claims: this.claims,
    checks: this.checks,
    identities: this.identities,
    resolver: this.dns,
    identityQueue: this.identityQueue,
    delegationQueue: this.delegationQueue,
    rotationQueue: this.rotationQueue,
    random: {
      bytes: (size) => {
        this.#random += 1;
        const bytes = new Uint8Array(size);
        new DataView(bytes.buffer).setUint16(0, this.#random % 65_536);
        return bytes;
      },
    },
    clock: { now: () => new Date(this.now) },
    deployment,
    pending: PENDING_DAYS,
  };

  /** A claim in the store, its records published. */
  async claim(changes: Partial<Claim> = {}): Promise<Claim> {
    const createdAt = new Date(this.now).toISOString();
    const claim = newClaim({ createdAt, statusSince: createdAt, ...changes });
    await this.claims.create(claim, { pendingPerTenant: 50, claimsPerShard: 1000 });
    this.host(claim);
    return claim;
  }

  /** Publishes what we host of a claim, as it is now. */
  host(claim: Claim): void {
    const others = this.#hosted.filter(({ label }) => label !== claim.label);
    this.#hosted.splice(0, this.#hosted.length, ...others, claim);
    for (const shard of shardNames(deployment)) {
      this.dns.zone(
        shard,
        this.#hosted
          .filter((one) => one.shard === shard)
          .flatMap((one) => hostedRecords(one, deployment))
          .map(({ name, type, values }) => ({ name, type, value: values[0]! })),
      );
    }
  }

  advance(milliseconds: number): void {
    this.now += milliseconds;
  }

  /** Checks the claim as it is stored. */
  async check({ tenant, domain }: Pick<Claim, 'tenant' | 'domain'>): Promise<CheckOutcome> {
    const claim = await this.claims.get({ tenant, domain });
    if (claim === undefined) throw new Error(`no claim of ${domain}`);
    const outcome = await runCheck(claim, this.ports);
    if (outcome === undefined) throw new Error(`another check of ${domain} is under way`);
    this.host(outcome.claim);
    return outcome;
  }

  async stored({ tenant, domain }: Pick<Claim, 'tenant' | 'domain'>): Promise<Claim> {
    return (await this.claims.get({ tenant, domain }))!;
  }

  async maySign(key: Pick<Claim, 'tenant' | 'domain'>): Promise<boolean> {
    const [held] = await this.claims.getHeld([key]);
    return held?.claim !== undefined && maySign(held.claim, held.holder);
  }
}
