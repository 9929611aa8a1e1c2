import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runCheck } from '#shared/app/checks/run-check.ts';
import type { CheckPorts } from '#shared/app/checks/ports.ts';
import { lostClaim, type Claim } from '#shared/core/model/claim.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import type { DomainName, Label, TenantId } from '#shared/core/model/names.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { isLong } from '../../../support/long.ts';
import { deployment, givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com' as DomainName;
const DAY_SECONDS = 86_400;
const RUNS = isLong ? 3_000 : 150;

/** One domain of two tenants: the API's claims and deletions, the checker's checks, and DNS. */
class Service {
  readonly env = givenTestEnvironment();
  readonly tenants: readonly [TenantId, TenantId] = [givenTenant(), givenTenant()];
  readonly #checkPorts: CheckPorts = {
    ...this.env.ports,
    checks: this.env.checks,
    identities: this.env.identities,
    resolver: this.env.dns,
    identityQueue: new MemoryQueue(),
    delegationQueue: new MemoryQueue(),
    rotationQueue: new MemoryQueue(),
  };
  #copied: Claim | undefined;

  constructor() {
    this.publish(undefined);
  }

  /** DNS has the records of this claim, or none. */
  publish(claim: Claim | undefined): void {
    this.#copied = claim;
    const records =
      claim === undefined ? [] : customerRecords(claim, { token: 'sestoken' }, deployment);
    this.env.dns.zone(
      domain,
      records.map(({ name, type, value }) => ({ name, type, value: value ?? '' })),
    );
  }

  claimOf(who: 0 | 1): Promise<Claim | undefined> {
    return this.env.claims.get({ tenant: this.tenants[who], domain });
  }

  async claim(who: 0 | 1, asked: object = {}): Promise<number> {
    const { status } = await this.env.ask('POST', '/v1/domains', {
      as: this.tenants[who],
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: domain, ...asked }),
    });
    return status ?? 0;
  }

  delete(who: 0 | 1): Promise<unknown> {
    return this.env.ask('DELETE', `/v1/domains/${domain}`, { as: this.tenants[who] });
  }

  /** @returns the claim as the check left it */
  async check(who: 0 | 1): Promise<Claim | undefined> {
    const claim = await this.claimOf(who);
    if (claim === undefined) return undefined;
    const others = [await this.claimOf(0), await this.claimOf(1)].flatMap((one) => one ?? []);
    for (const shard of shardNames(deployment)) {
      const hosted = others
        .filter((one) => one.shard === shard)
        .flatMap((one) => hostedRecords(one, deployment));
      this.env.dns.zone(
        shard,
        hosted.map(({ name, type, values }) => ({ name, type, value: values[0]! })),
      );
    }
    return (await runCheck(claim, this.#checkPorts))?.claim;
  }

  copied(): Claim | undefined {
    return this.#copied;
  }
}

const expired = async (service: Service, who: 0 | 1 = 0): Promise<Claim> => {
  await service.claim(who);
  const claim = (await service.claimOf(who))!;
  service.env.pass(180 * DAY_SECONDS);
  expect((await service.check(who))?.lifecycle).toBe('expired');
  return claim;
};

describe('a claim that expired without ever being proven', () => {
  test('has its label and keys again, and what was copied late verifies it', async () => {
    const service = new Service();
    const first = await expired(service);
    const forged = service.env.forged.length;
    expect(await service.claim(0)).toBe(201);
    const again = (await service.claimOf(0))!;
    expect(again).toMatchObject({ label: first.label, shard: first.shard, keys: first.keys });
    expect(again.createdAt).toBe(service.env.now());
    expect(service.env.forged).toHaveLength(forged);
    // The publisher publishes a label's versions, which only grow.
    expect(again.version).toBeGreaterThan(first.version);
    service.publish(first);
    expect((await service.check(0))?.status).toBe('verified');
  });

  test('has its link again', async () => {
    const service = new Service();
    await service.claim(0);
    service.env.pass(170 * DAY_SECONDS);
    const links = `/v1/domains/${domain}/share-links`;
    const { body } = await service.env.ask('POST', links, { as: service.tenants[0] });
    const path = `/v1/shared/${new URL(String(body['url'])).hash.slice(1)}`;
    service.env.pass(10 * DAY_SECONDS);
    await service.check(0);
    expect((await service.env.ask('GET', path)).status).toBe(404);
    await service.claim(0);
    expect((await service.env.ask('GET', path)).status).toBe(200);
  });

  test('is self-hosted again, as it was, or as the request says', async () => {
    const service = new Service();
    await service.claim(0, { hosting: 'self' });
    const { label } = (await service.claimOf(0))!;
    service.env.pass(180 * DAY_SECONDS);
    await service.check(0);
    await service.claim(0);
    expect(await service.claimOf(0)).toMatchObject({ label, hosting: 'self' });
    service.env.pass(180 * DAY_SECONDS);
    await service.check(0);
    await service.claim(0, { hosting: 'service' });
    expect(await service.claimOf(0)).toMatchObject({ label });
    expect((await service.claimOf(0))?.hosting).toBeUndefined();
  });

  test('has another label for another purpose, since its records are others', async () => {
    const service = new Service();
    const first = await expired(service);
    expect(await service.claim(0, { purpose: 'parked' })).toBe(201);
    expect((await service.claimOf(0))?.label).not.toBe(first.label);
  });

  test('has another label in another shard where its own is full', async () => {
    const service = new Service();
    const first = await expired(service);
    const create = service.env.claims.create.bind(service.env.claims);
    const full = (claim: Claim) => ({
      pendingPerTenant: 50,
      claimsPerShard: claim.shard === first.shard ? 0 : 1_000,
    });
    service.env.claims.create = (claim, _limits, former) => create(claim, full(claim), former);
    while ((await service.claim(0)) !== 201);
    expect((await service.claimOf(0))?.label).not.toBe(first.label);
  });

  test('of ten at once, one is made', async () => {
    const service = new Service();
    const first = await expired(service);
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.claim(0)));
    expect(answers.filter((status) => status === 201)).toHaveLength(1);
    expect((await service.claimOf(0))?.label).toBe(first.label);
  });
});

test.each<[string, (service: Service) => Promise<void>]>([
  [
    'proven, then deleted',
    async (service) => {
      service.publish(await service.claimOf(0));
      await service.check(0);
      await service.delete(0);
    },
  ],
  ['deleted', (service) => service.delete(0).then(() => {})],
  [
    'lost, then deleted',
    async (service) => {
      service.publish(await service.claimOf(0));
      const claim = (await service.check(0))!;
      await service.env.claims.update(claim, lostClaim(claim, service.env.now()));
      await service.delete(0);
    },
  ],
])('a claim that was %s has another label', async (_what, end) => {
  const service = new Service();
  await service.claim(0);
  const first = (await service.claimOf(0))!;
  await end(service);
  service.publish(undefined);
  service.env.pass(8 * DAY_SECONDS);
  await service.check(0);
  expect(await service.claimOf(0)).toBeUndefined();
  expect(await service.claim(0)).toBe(201);
  const second = (await service.claimOf(0))!;
  expect(second.label).not.toBe(first.label);
  // What the customer forgot in DNS proves nothing.
  service.publish(first);
  expect((await service.check(0))?.status).toBe('pending');
});

type Step =
  | { readonly do: 'claim' | 'delete' | 'check'; readonly who: 0 | 1 }
  | { readonly do: 'publish'; readonly who: 0 | 1 | 'old' | 'nobody' }
  | { readonly do: 'wait'; readonly days: number };

const who = fc.constantFrom<0 | 1>(0, 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const), who }) },
  fc.record({ do: fc.constant('delete' as const), who }),
  { weight: 5, arbitrary: fc.record({ do: fc.constant('check' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      who: fc.constantFrom<0 | 1 | 'old' | 'nobody'>(0, 1, 'old', 'nobody', 'nobody'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(1, 8, 181) }),
  },
);

/** The past of a label, as the test saw it. */
interface Past {
  readonly tenant: TenantId;
  ended: 'no' | 'unproven' | 'otherwise';
  proven: boolean;
}

test(
  'in any history of two tenants a label comes back only to its tenant, unproven and expired',
  async () => {
    let again = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }),
        async (steps) => {
          const service = new Service();
          const pasts = new Map<Label, Past>();
          const claims: Claim[] = [];
          const end = (claim: Claim, how: Past['ended']) => {
            pasts.get(claim.label)!.ended = how;
          };
          for (const one of steps) {
            if (one.do === 'wait') service.env.pass(one.days * DAY_SECONDS);
            else if (one.do === 'publish') {
              const shown =
                one.who === 'nobody'
                  ? undefined
                  : one.who === 'old'
                    ? claims[0]
                    : await service.claimOf(one.who);
              service.publish(shown);
            } else if (one.do === 'delete') await service.delete(one.who);
            else if (one.do === 'claim') {
              const before = await service.claimOf(one.who);
              const status = await service.claim(one.who);
              const after = await service.claimOf(one.who);
              if (before !== undefined || status !== 201) continue;
              const { label, tenant } = after!;
              const past = pasts.get(label);
              if (past !== undefined) {
                again += 1;
                expect(past).toEqual({ tenant, ended: 'unproven', proven: false });
                past.ended = 'no';
              } else pasts.set(label, { tenant, ended: 'no', proven: false });
              claims.push(after!);
            } else {
              const before = await service.claimOf(one.who);
              const after = await service.check(one.who);
              if (before === undefined || after === undefined) continue;
              const past = pasts.get(after.label)!;
              if (after.status === 'verified' && before.status !== 'verified') {
                // Only its own records in DNS prove a claim, whoever had which label when.
                expect(service.copied()?.label).toBe(after.label);
                expect(service.copied()?.tenant).toBe(after.tenant);
                past.proven = true;
              }
              if (after.lifecycle === 'expired' && before.lifecycle === 'live')
                end(after, 'unproven');
              else if (after.lifecycle !== 'live') end(after, 'otherwise');
            }
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(again).toBeGreaterThan(RUNS / 10);
  },
  isLong ? 600_000 : 60_000,
);
