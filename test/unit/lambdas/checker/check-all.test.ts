import { turnOf } from '#shared/app/identity-views.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { LOCK_MS } from '#shared/app/checks/run-check.ts';
import type { CheckRequest } from '#shared/app/ports/queues.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import declaration from '../../../../lambdas/checker/function.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { checkAll, type CheckerEvent } from '../../../../lambdas/checker/check-all.ts';
import {
  copied,
  DAY,
  DOMAIN,
  newClaim,
  START,
  TestEnvironment,
} from '../../app/checks/test-environment.ts';

let testEnvironment: TestEnvironment;
let checkQueue: MemoryQueue<CheckRequest>;
let events: CheckerEvent[];
beforeEach(() => {
  testEnvironment = new TestEnvironment();
  checkQueue = new MemoryQueue();
  events = [];
});

const request = ({ tenant, domain, label }: Claim): CheckRequest => ({ tenant, domain, label });
const run = (...requests: readonly (CheckRequest | string)[]) =>
  checkAll(
    {
      ...testEnvironment.ports,
      checkQueue,
      log: (event) => events.push(event),
    },
    requests.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
  );

test('checks each claim that it is asked for, and reports what moved', async () => {
  const claim = await testEnvironment.claim();
  const other = await testEnvironment.claim({ domain: 'example.org' as typeof DOMAIN });
  testEnvironment.dns.zone(DOMAIN, copied(claim));
  testEnvironment.dns.zone('example.org', []);
  expect(await run(request(claim), request(other))).toEqual([]);
  expect((await testEnvironment.stored(claim)).status).toBe('verified');
  expect(await testEnvironment.checks.get(other.label)).toBeDefined();
  expect(events).toEqual([{ kind: 'moved', domain: DOMAIN, from: 'pending', to: 'verified' }]);
});

test('checks a claim once, however often one batch asks for it', async () => {
  const claim = await testEnvironment.claim();
  testEnvironment.dns.zone(DOMAIN, copied(claim));
  expect(await run(request(claim), request(claim), request(claim))).toEqual([]);
  const asked = testEnvironment.dns.asked.filter((one) => one === `authoritative ${DOMAIN} TXT`);
  expect(asked).toHaveLength(1);
});

describe('a request whose claim is not there any more', () => {
  test('is forgotten, and the identity of its domain is checked', async () => {
    const gone = newClaim();
    await testEnvironment.checks.schedule({ ...request(gone), dueAt: START });
    expect(await run(request(gone))).toEqual([]);
    expect(await testEnvironment.checks.get(gone.label)).toBeUndefined();
    expect(testEnvironment.identityQueue.take()).toMatchObject([{ request: { domain: DOMAIN } }]);
  });

  test('leaves a later claim of the same domain alone', async () => {
    const claim = await testEnvironment.claim();
    const earlier = newClaim({ tenant: claim.tenant });
    await testEnvironment.checks.schedule({ ...request(earlier), dueAt: START });
    expect(await run(request(earlier))).toEqual([]);
    expect(await testEnvironment.checks.get(earlier.label)).toBeUndefined();
    expect(await testEnvironment.stored(claim)).toEqual(claim);
    expect(testEnvironment.dns.asked).toEqual([]);
  });
});

test('reports a claim that was retired', async () => {
  const claim = await testEnvironment.claim();
  testEnvironment.dns.zone(DOMAIN, []);
  testEnvironment.advance(180 * DAY);
  expect(await run(request(claim))).toEqual([]);
  expect(events).toEqual([{ kind: 'buried', domain: DOMAIN }]);
});

test('only what failed comes again', async () => {
  const claim = await testEnvironment.claim();
  const broken = await testEnvironment.claim({ domain: 'example.org' as typeof DOMAIN });
  testEnvironment.dns.zone(DOMAIN, copied(claim));
  const { resolver } = testEnvironment.ports;
  const failing = {
    ...testEnvironment.ports,
    checkQueue,
    log: (event: CheckerEvent) => events.push(event),
    resolver: {
      lookup: resolver.lookup.bind(resolver),
      lookupEverywhere: resolver.lookupEverywhere.bind(resolver),
      delegation: resolver.delegation.bind(resolver),
      delegatedTo: resolver.delegatedTo.bind(resolver),
      authoritative: (name: string, type: Parameters<typeof resolver.authoritative>[1]) =>
        name.endsWith('example.org')
          ? Promise.reject(new Error('broken'))
          : resolver.authoritative(name, type),
    },
  };
  const bodies = [JSON.stringify(request(broken)), 'not JSON', JSON.stringify(request(claim))];
  expect(await checkAll(failing, bodies)).toEqual([0, 1]);
  expect((await testEnvironment.stored(claim)).status).toBe('verified');
  expect(events.filter(({ kind }) => kind === 'failed')).toHaveLength(2);
});

test('requests a turn at SES for each claim, in the group of its tenant', async () => {
  const claims: Claim[] = [];
  for (let index = 0; index < 12; index += 1) {
    claims.push(await testEnvironment.claim({ domain: `a${index}.com` as typeof DOMAIN }));
  }
  expect(await run(...claims.map(request))).toEqual([]);
  expect(testEnvironment.identityQueue.take()).toMatchObject(
    claims.map((claim) => ({ request: turnOf(claim), group: claim.tenant })),
  );
});

test('has every message come again where that request fails', async () => {
  const claim = await testEnvironment.claim();
  const failing = {
    ...testEnvironment.ports,
    identityQueue: { send: () => Promise.reject(new Error('no queue')) },
    checkQueue,
    log: (event: CheckerEvent) => events.push(event),
  };
  expect(await checkAll(failing, [JSON.stringify(request(claim)), 'not JSON'])).toEqual([0, 1]);
  expect(await run(request(claim))).toEqual([]);
  expect(testEnvironment.identityQueue.take()).toMatchObject([{ request: { domain: DOMAIN } }]);
});

test('queues a check again that was asked for while one was under way, and no other', async () => {
  const claim = await testEnvironment.claim();
  testEnvironment.dns.zone(DOMAIN, copied(claim));
  const { checks } = testEnvironment;
  const lock = checks.lock.bind(checks);
  const requestedAt = new Date(testEnvironment.now + 500).toISOString();
  checks.lock = async (...args) => {
    const state = await lock(...args);
    await checks.request({ ...request(claim), dueAt: requestedAt, requestedAt }, undefined);
    return state;
  };
  expect(await run(request(claim))).toEqual([]);
  expect(checkQueue.take()).toEqual([
    { request: { ...request(claim), since: requestedAt }, delaySeconds: 1 },
  ]);
  expect(await run({ ...request(claim), since: requestedAt })).toEqual([]);
  expect(checkQueue.take()).toEqual([]);
});

test('leaves a claim alone whose check is under way', async () => {
  const claim = await testEnvironment.claim();
  const since = new Date(testEnvironment.now).toISOString();
  const until = new Date(testEnvironment.now + 60_000).toISOString();
  await testEnvironment.checks.lock(claim, { owner: 'another', since, until });
  expect(await run(request(claim))).toEqual([]);
  expect(events).toEqual([{ kind: 'under-way', domain: DOMAIN }]);
  expect(testEnvironment.dns.asked).toEqual([]);
});

test('a check ends with its function before others may take its lock', () => {
  expect(declaration.timeout * 1_000).toBeLessThanOrEqual(LOCK_MS);
});
