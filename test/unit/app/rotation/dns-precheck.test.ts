import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { currentOf, DAY, slotName, TestEnvironment } from './test-environment.ts';

let testEnvironment: TestEnvironment;
let claim: Claim;

/** A domain whose ring is whole after two rotations: zero is next, one previous, two current. */
beforeEach(async () => {
  testEnvironment = new TestEnvironment();
  claim = await testEnvironment.givenVerified();
  for (const month of ['02', '03']) {
    testEnvironment.schedule(`2026-${month}-01T03:00:00Z`);
    await testEnvironment.until(`2026-${month}-02T03:00:00Z`);
  }
  claim = await testEnvironment.claim(claim);
});

const zero = () => claim.keys[0].selector;
const run = async () => {
  testEnvironment.schedule('2026-04-01T03:00:00Z');
  await testEnvironment.until('2026-04-01T12:00:00Z');
  return (await testEnvironment.runs.progress('2026-04')).tally;
};
const item = () => testEnvironment.backlog.items.get(claim.label);
const lie = (text: string) => (name: string) =>
  name === slotName(claim, zero()) ? text : undefined;

describe('the DNS precheck before a promotion', () => {
  test('is open where everybody finds the key', async () => {
    expect(await testEnvironment.states(claim)).toEqual([
      'zero next',
      'one previous',
      'two current',
    ]);
    expect(await run()).toEqual({ rotated: 1 });
    expect(await testEnvironment.states(claim)).toEqual([
      'zero current',
      'one next',
      'two previous',
    ]);
  });

  test.each([
    ['the CNAME is gone', () => testEnvironment.breakSlot(claim, zero()), 'cname-missing'],
    [
      'it points at another label',
      () =>
        testEnvironment.breakSlot(claim, zero(), {
          cname: `zero._domainkey.${'a'.repeat(26)}.s1.sd.example.net`,
        }),
      'cname-wrong',
    ],
    [
      'it points at another slot',
      () =>
        testEnvironment.breakSlot(claim, zero(), {
          cname: `one._domainkey.${claim.label}.${claim.shard}`,
        }),
      'cname-wrong',
    ],
    [
      'a stale copy of a key is in its place',
      () => testEnvironment.breakSlot(claim, zero(), { txt: 'v=DKIM1; k=rsa; p=c3RhbGU=' }),
      'cname-wrong',
    ],
    [
      'one resolver of three finds another key',
      () => testEnvironment.dns.lies.set(2, lie('v=DKIM1; k=rsa; p=bGllcw==')),
      'key-differs',
    ],
    [
      'one resolver finds the record with other octets',
      () => {
        const { publicKey } = claim.keys[0];
        testEnvironment.dns.lies.set(1, lie(`v=DKIM1; k=rsa;  p=${publicKey}`));
      },
      'key-differs',
    ],
    [
      'two of three resolvers do not answer',
      () => {
        testEnvironment.dns.down.add(0).add(1);
      },
      'dns-unknown',
    ],
  ])(
    'is shut where %s: the current key signs on, and the reason is kept',
    async (_, plant, reason) => {
      plant();
      const { pairs } = testEnvironment.paper;
      expect(await run()).toEqual({ [`held-back:${reason}`]: 1 });
      expect(currentOf(await testEnvironment.claim(claim)).selector).toBe('two');
      expect(await testEnvironment.claim(claim)).toEqual(claim);
      expect(testEnvironment.paper.pairs).toBe(pairs);
      expect(item()).toMatchObject({ kind: 'held-back', reason, period: '2026-04' });
      expect(item()?.detail).toContain(slotName(claim, zero()));
      expect(testEnvironment.events).toContainEqual(
        expect.objectContaining({ kind: 'held-back', domain: claim.domain, reason }),
      );
    },
  );

  test('is open where one resolver of three is out, or the domain’s own servers keep silent', async () => {
    testEnvironment.dns.down.add(1);
    testEnvironment.dns.silent.add(claim.domain);
    expect(await run()).toEqual({ rotated: 1 });
  });

  test('is shut where the servers keep silent and a resolver still sees what was', async () => {
    testEnvironment.dns.silent.add(claim.domain);
    testEnvironment.breakSlot(claim, zero(), { cname: 'elsewhere.example.net' });
    expect(await run()).toEqual({ 'held-back:cname-wrong': 1 });
  });

  test('asks no resolver for a name that is not there', async () => {
    testEnvironment.breakSlot(claim, zero());
    let asked = 0;
    const lookupEverywhere = testEnvironment.dns.lookupEverywhere.bind(testEnvironment.dns);
    testEnvironment.dns.lookupEverywhere = async (name, type) => {
      asked += 1;
      return lookupEverywhere(name, type);
    };
    await run();
    expect(asked).toBe(0);
  });
});

describe('what was blocked', () => {
  test('is tried again every day, and rotates once it is repaired', async () => {
    testEnvironment.breakSlot(claim, zero());
    await run();
    const since = item()?.since;
    for (let day = 2; day <= 6; day += 1) {
      testEnvironment.at(Date.parse('2026-04-01T05:00:00Z') + (day - 1) * DAY, () =>
        testEnvironment.retry(),
      );
    }
    await testEnvironment.until('2026-04-04T04:00:00Z');
    expect(item()).toMatchObject({ kind: 'held-back', since });
    expect(testEnvironment.events.filter(({ kind }) => kind === 'held-back-long')).toEqual([]);
    await testEnvironment.until('2026-04-04T12:00:00Z');
    expect(testEnvironment.events.filter(({ kind }) => kind === 'held-back-long')).toHaveLength(1);
    testEnvironment.restore(claim, zero());
    await testEnvironment.until('2026-04-05T12:00:00Z');
    expect(await testEnvironment.states(claim)).toEqual([
      'zero current',
      'one next',
      'two previous',
    ]);
    expect((await testEnvironment.claim(claim)).rotated).toMatchObject({ period: '2026-04' });
    expect(item()).toBeUndefined();
  });

  test('is not made up for twice: a later run’s turn finds it done', async () => {
    testEnvironment.breakSlot(claim, zero());
    await run();
    testEnvironment.schedule('2026-05-01T03:00:00Z');
    await testEnvironment.until('2026-05-01T12:00:00Z');
    testEnvironment.restore(claim, zero());
    await testEnvironment.retry();
    await testEnvironment.settle();
    expect((await testEnvironment.claim(claim)).rotated).toMatchObject({ period: '2026-05' });
    const { pairs } = testEnvironment.paper;
    await testEnvironment.retry();
    await testEnvironment.settle();
    expect(testEnvironment.paper.pairs).toBe(pairs);
  });

  test('leaves the backlog with its claim', async () => {
    testEnvironment.breakSlot(claim, zero());
    await run();
    const present = await testEnvironment.claim(claim);
    const lost = { ...present, version: present.version + 1, status: 'lost' as const };
    await testEnvironment.claims.update(present, lost);
    await testEnvironment.retry();
    await testEnvironment.settle();
    expect(item()).toBeUndefined();
  });
});

describe('a next key that Route 53 has not put on all servers', () => {
  test('is not promoted, for any answer of resolvers', async () => {
    const key = `${claim.shard} ${claim.label}`;
    const stored = testEnvironment.publications.items.get(key)!;
    const insyncSince = Object.fromEntries(
      Object.entries(stored.insyncSince).filter(([name]) => !name.startsWith('zero.')),
    );
    testEnvironment.publications.items.set(key, { ...stored, insyncSince });
    expect(await run()).toEqual({ 'held-back:not-insync': 1 });
  });

  test('waits for 48 hours of it', async () => {
    const key = `${claim.shard} ${claim.label}`;
    const stored = testEnvironment.publications.items.get(key)!;
    const insyncSince = Object.fromEntries(
      Object.entries(stored.insyncSince).map(([name, since]) => [
        name,
        name.startsWith('zero.') ? '2026-03-30T04:00:00.000Z' : since,
      ]),
    );
    testEnvironment.publications.items.set(key, { ...stored, insyncSince });
    expect(await run()).toEqual({ 'not-due': 1 });
    expect(item()).toMatchObject({
      reason: 'next-not-insync-long-enough',
      retryAt: '2026-04-01T04:00:00.000Z',
    });
  });
});

describe('a domain with a spare', () => {
  test('promotes that one where the slot of the next key is broken, without a new key', async () => {
    const young = await testEnvironment.givenVerified();
    testEnvironment.breakSlot(young, young.keys[1].selector);
    await testEnvironment.until('2026-03-31T00:00:00Z');
    const { pairs } = testEnvironment.paper;
    await run();
    expect(await testEnvironment.states(young)).toEqual([
      'zero previous',
      'one next',
      'two current',
    ]);
    expect(testEnvironment.paper.pairs - pairs).toBe(1);
    expect(testEnvironment.backlog.items.get(young.label)).toBeUndefined();
  });

  test('is blocked for its next slot where both are broken', async () => {
    const young = await testEnvironment.givenVerified();
    for (const { selector } of young.keys.slice(1)) testEnvironment.breakSlot(young, selector);
    await run();
    expect(testEnvironment.backlog.items.get(young.label)).toMatchObject({
      reason: 'cname-missing',
    });
    expect(testEnvironment.backlog.items.get(young.label)?.detail).toContain('one._domainkey');
  });
});
