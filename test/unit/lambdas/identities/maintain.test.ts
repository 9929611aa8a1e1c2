import { beforeEach, describe, expect, test } from 'vitest';
import { Throttled } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { SesIdentities } from '#shared/app/ports/identities.ts';
import { maintainAll, type IdentityEvent } from '../../../../lambdas/identities/maintain.ts';
import { rateLimiter } from '../../../../lambdas/identities/rate-limiter.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryIdentityStore } from '../../../fakes/identity-store.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { MemorySesIdentities } from '../../../fakes/ses-identities.ts';
import { FakeTime } from '../../../fakes/time.ts';

const named = (name: string) => `${name}.example` as DomainName;
const A = named('a');

let time: FakeTime;
let claims: MemoryClaimStore;
let identities: MemoryIdentityStore;
let ses: MemorySesIdentities;
let events: IdentityEvent[];
beforeEach(() => {
  time = new FakeTime();
  claims = new MemoryClaimStore();
  identities = new MemoryIdentityStore();
  ses = new MemorySesIdentities();
  events = [];
});

const claim = async (domain: DomainName) => {
  const one = givenClaim({ domain });
  await claims.create(one, { pendingPerTenant: 1000, claimsPerShard: 10_000 });
  return one;
};

const runBodies = (bodies: readonly string[], seconds: number, service: SesIdentities) =>
  maintainAll(
    {
      clock: time.clock,
      sleep: time.sleep,
      random: time.random,
      deployment,
      claims,
      identities,
      ses: service,
      rateLimiter: rateLimiter(time.clock, time.sleep),
      log: (event) => events.push(event),
    },
    bodies,
    time.clock.now().getTime() + seconds * 1000,
  );

const run = (domains: readonly (DomainName | string)[], seconds = 40) =>
  runBodies(
    domains.map((domain) => (domain === 'broken' ? '{' : JSON.stringify({ domain }))),
    seconds,
    ses,
  );

/** Makes the identity of a domain and lets a minute pass. */
async function given(domain = A): Promise<void> {
  await claim(domain);
  await run([domain]);
  ses.calls.splice(0);
  events.splice(0);
  time.advance(60_000);
}

describe('a domain with a claim', () => {
  test('gets its identity, with its MAIL FROM, once', async () => {
    await claim(A);
    expect(await run([A, A])).toEqual([]);
    expect(ses.calls).toEqual([`verify ${A}`, `setMailFrom ${A} bounces.${A}`]);
    expect(await identities.get(A)).toMatchObject({
      status: 'preparing',
      token: `token-of-${A}`,
      mailFrom: `bounces.${A}`,
    });
    expect(events).toEqual([{ kind: 'made', domain: A }]);
  });

  test('has its identity polled, and what SES says noted', async () => {
    await given();
    await run([A]);
    expect(await identities.get(A)).toMatchObject({ status: 'preparing' });
    ses.settle(A, 'ready');
    time.advance(5_000);
    await run([A]);
    expect(ses.calls).toEqual([`status ${A}`, `status ${A}`]);
    expect(await identities.get(A)).toMatchObject({
      status: 'ready',
      polledAt: time.clock.now().toISOString(),
    });
    expect(events).toEqual([{ kind: 'moved', domain: A, to: 'ready' }]);
  });

  test('is not polled again within seconds, nor within the hour once it is ready', async () => {
    await given();
    await run([A]);
    time.advance(4_000);
    await run([A]);
    expect(ses.calls).toEqual([`status ${A}`]);
    ses.settle(A, 'ready');
    time.advance(1_000);
    await run([A]);
    time.advance(3_599_000);
    await run([A]);
    expect(ses.calls).toHaveLength(2);
    time.advance(1_000);
    await run([A]);
    expect(ses.calls).toHaveLength(3);
  });

  test('is asked for again where SES gave up on its record', async () => {
    await given();
    ses.settle(A, 'failed');
    await run([A]);
    expect(ses.calls).toContain(`verify ${A}`);
    expect(await identities.get(A)).toMatchObject({ status: 'preparing' });
    expect(events.map(({ kind }) => kind)).toEqual(['given-up', 'made']);
  });

  test('is made again where SES does not know it any more', async () => {
    await given();
    await ses.delete(A);
    await run([A]);
    expect(ses.identities.get(A)).toEqual({ status: 'preparing', mailFrom: `bounces.${A}` });
  });

  test('whose making was cut short is made whole the next time', async () => {
    await claim(A);
    ses.failing.push(undefined, new Error('cut'));
    expect(await run([A])).toEqual([0]);
    expect(ses.identities.get(A)).toEqual({ status: 'preparing' });
    expect(await identities.get(A)).toBeUndefined();
    expect(await run([A])).toEqual([]);
    expect(ses.identities.get(A)).toEqual({ status: 'preparing', mailFrom: `bounces.${A}` });
  });
});

test('identities that are waited for are polled 100 a call, of ten messages of ten', async () => {
  const domains = Array.from({ length: 110 }, (_, index) => named(`many${index}`));
  for (const domain of domains) {
    await claim(domain);
    await identities.put({
      domain,
      status: 'preparing',
      token: 't',
      mailFrom: `bounces.${domain}`,
      requestedAt: time.clock.now().toISOString(),
      polledAt: new Date(0).toISOString(),
    });
  }
  const bodies = Array.from({ length: 11 }, (_, index) => {
    const [domain, ...others] = domains.slice(10 * index, 10 * index + 10);
    return JSON.stringify({ domain, others });
  });
  const asked: number[] = [];
  const counting = {
    verify: (domain: DomainName) => ses.verify(domain),
    setMailFrom: (domain: DomainName, mailFrom: string) => ses.setMailFrom(domain, mailFrom),
    delete: (domain: DomainName) => ses.delete(domain),
    status: async (some: readonly DomainName[]) => {
      asked.push(some.length);
      return new Map(some.map((domain) => [domain, 'ready' as const]));
    },
  };
  expect(await runBodies(bodies, 40, counting)).toEqual([]);
  expect(asked).toEqual([100, 10]);
  expect(await identities.get(domains[109]!)).toMatchObject({ status: 'ready' });
});

describe('a domain without a claim', () => {
  test('loses its identity', async () => {
    const one = await claim(A);
    await run([A]);
    await claims.retire(one, { ...one, lifecycle: 'expired', version: 2 });
    expect(await run([A])).toEqual([]);
    expect(ses.identities.has(A)).toBe(false);
    expect(await identities.get(A)).toBeUndefined();
    expect(events.at(-1)).toEqual({ kind: 'removed', domain: A });
  });

  test('keeps it while another tenant has one', async () => {
    const one = await claim(A);
    await claim(A);
    await run([A]);
    await claims.retire(one, { ...one, lifecycle: 'expired', version: 2 });
    await run([A]);
    expect(ses.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
  });

  test('that has none is not spoken of to SES', async () => {
    await run([A]);
    expect(ses.calls).toEqual([]);
  });
});

describe('SES’s rate', () => {
  test('is one call a second, over all that is asked for', async () => {
    const domains = ['a', 'b', 'c', 'd', 'e'].map(named);
    for (const domain of domains) await claim(domain);
    const before = time.clock.now().getTime();
    await run(domains);
    expect(ses.calls).toHaveLength(10);
    expect(time.clock.now().getTime() - before).toBeGreaterThanOrEqual(9_000);
    expect(Math.min(...time.slept)).toBeGreaterThanOrEqual(1_000);
  });

  test('is spared by polling all of a batch in one call', async () => {
    const domains = Array.from({ length: 10 }, (_, index) => named(`d${index}`));
    for (const domain of domains) await given(domain);
    await run(domains);
    expect(ses.calls).toEqual([`status ${domains.join(' ')}`]);
  });

  test('is waited for where SES says that it is too fast', async () => {
    await claim(A);
    ses.failing.push(new Throttled('SES'), new Throttled('SES'));
    expect(await run([A])).toEqual([]);
    expect(await identities.get(A)).toBeDefined();
  });

  test('ends the wait when time is over; the message comes again', async () => {
    await claim(A);
    ses.failing.push(...Array.from({ length: 20 }, () => new Throttled('SES')));
    expect(await run([A], 5)).toEqual([0]);
  });
});

describe('what fails', () => {
  test('comes again alone', async () => {
    for (const domain of ['a', 'b', 'c'].map(named)) await claim(domain);
    ses.failing.push(new Error('SES is out'));
    expect(await run(['a', 'b', 'c'].map(named))).toEqual([0]);
    expect(events[0]).toMatchObject({ kind: 'failed', what: `the identity of ${A}` });
  });

  test('in a poll comes again whole', async () => {
    for (const domain of ['a', 'b'].map(named)) await given(domain);
    await claim(named('c'));
    ses.failing.push(new Error('SES is out'));
    const failed = await run([named('c'), A, named('b')]);
    expect(failed).toEqual([0]);
    ses.failing.push(new Error('SES is out'));
    time.advance(60_000);
    expect(await run([A, named('b')])).toEqual([0, 1]);
  });

  test('by a message that cannot be read is that message', async () => {
    await claim(A);
    expect(await run(['broken', A])).toEqual([0]);
    expect(await identities.get(A)).toBeDefined();
  });
});

test('a malformed identity fails its own message, and no other', async () => {
  await claim(A);
  await claim(named('b'));
  identities.getMany = malformed(identities.getMany.bind(identities), (domains) =>
    domains.includes(A),
  );
  expect(await run([A, named('b')])).toEqual([0]);
  expect(identities.items.has(A)).toBe(false);
  expect(identities.items.get(named('b'))).toMatchObject({ status: 'preparing' });
});
