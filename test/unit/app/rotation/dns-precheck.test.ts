import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { currentOf, DAY, slotName, World } from './world.ts';

let world: World;
let claim: Claim;

/** A domain whose ring is whole after two rotations: zero is next, one previous, two current. */
beforeEach(async () => {
  world = new World();
  claim = await world.givenVerified();
  for (const month of ['02', '03']) {
    world.schedule(`2026-${month}-01T03:00:00Z`);
    await world.until(`2026-${month}-02T03:00:00Z`);
  }
  claim = await world.claim(claim);
});

const zero = () => claim.keys[0].selector;
const run = async () => {
  world.schedule('2026-04-01T03:00:00Z');
  await world.until('2026-04-01T12:00:00Z');
  return (await world.runs.progress('2026-04')).tally;
};
const item = () => world.backlog.items.get(claim.label);
const lie = (text: string) => (name: string) =>
  name === slotName(claim, zero()) ? text : undefined;

describe('the DNS precheck before a promotion', () => {
  test('is open where everybody finds the key', async () => {
    expect(await world.states(claim)).toEqual(['zero next', 'one previous', 'two current']);
    expect(await run()).toEqual({ rotated: 1 });
    expect(await world.states(claim)).toEqual(['zero current', 'one next', 'two previous']);
  });

  test.each([
    ['the CNAME is gone', () => world.breakSlot(claim, zero()), 'cname-missing'],
    [
      'it points at another label',
      () =>
        world.breakSlot(claim, zero(), {
          cname: `zero._domainkey.${'a'.repeat(26)}.s1.sd.example.net`,
        }),
      'cname-wrong',
    ],
    [
      'it points at another slot',
      () =>
        world.breakSlot(claim, zero(), {
          cname: `one._domainkey.${claim.label}.${claim.shard}`,
        }),
      'cname-wrong',
    ],
    [
      'a stale copy of a key stands in its place',
      () => world.breakSlot(claim, zero(), { txt: 'v=DKIM1; k=rsa; p=c3RhbGU=' }),
      'cname-wrong',
    ],
    [
      'one resolver of three finds another key',
      () => world.dns.lies.set(2, lie('v=DKIM1; k=rsa; p=bGllcw==')),
      'key-differs',
    ],
    [
      'one resolver finds the record with other octets',
      () => {
        const { publicKey } = claim.keys[0];
        world.dns.lies.set(1, lie(`v=DKIM1; k=rsa;  p=${publicKey}`));
      },
      'key-differs',
    ],
    [
      'two of three resolvers do not answer',
      () => {
        world.dns.down.add(0).add(1);
      },
      'dns-unknown',
    ],
  ])(
    'is shut where %s: the current key signs on, and the reason is kept',
    async (_, plant, reason) => {
      plant();
      const { pairs } = world.paper;
      expect(await run()).toEqual({ [`held-back:${reason}`]: 1 });
      expect(currentOf(await world.claim(claim)).selector).toBe('two');
      expect(await world.claim(claim)).toEqual(claim);
      expect(world.paper.pairs).toBe(pairs);
      expect(item()).toMatchObject({ kind: 'held-back', reason, period: '2026-04' });
      expect(item()?.detail).toContain(slotName(claim, zero()));
      expect(world.events).toContainEqual(
        expect.objectContaining({ kind: 'held-back', domain: claim.domain, reason }),
      );
    },
  );

  test('is open where one resolver of three is out, or the domain’s own servers keep silent', async () => {
    world.dns.down.add(1);
    world.dns.silent.add(claim.domain);
    expect(await run()).toEqual({ rotated: 1 });
  });

  test('is shut where the servers keep silent and a resolver still sees what was', async () => {
    world.dns.silent.add(claim.domain);
    world.breakSlot(claim, zero(), { cname: 'elsewhere.example.net' });
    expect(await run()).toEqual({ 'held-back:cname-wrong': 1 });
  });

  test('asks no resolver for a name that is not there', async () => {
    world.breakSlot(claim, zero());
    let asked = 0;
    const lookupEverywhere = world.dns.lookupEverywhere.bind(world.dns);
    world.dns.lookupEverywhere = async (name, type) => {
      asked += 1;
      return lookupEverywhere(name, type);
    };
    await run();
    expect(asked).toBe(0);
  });
});

describe('what was blocked', () => {
  test('is tried again every day, and rotates once it is repaired', async () => {
    world.breakSlot(claim, zero());
    await run();
    const since = item()?.since;
    for (let day = 2; day <= 6; day += 1) {
      world.at(Date.parse('2026-04-01T05:00:00Z') + (day - 1) * DAY, () => world.retry());
    }
    await world.until('2026-04-04T04:00:00Z');
    expect(item()).toMatchObject({ kind: 'held-back', since });
    expect(world.events.filter(({ kind }) => kind === 'held-back-long')).toEqual([]);
    await world.until('2026-04-04T12:00:00Z');
    expect(world.events.filter(({ kind }) => kind === 'held-back-long')).toHaveLength(1);
    world.restore(claim, zero());
    await world.until('2026-04-05T12:00:00Z');
    expect(await world.states(claim)).toEqual(['zero current', 'one next', 'two previous']);
    expect((await world.claim(claim)).rotated).toMatchObject({ period: '2026-04' });
    expect(item()).toBeUndefined();
  });

  test('is not made up for twice: a later run’s turn finds it done', async () => {
    world.breakSlot(claim, zero());
    await run();
    world.schedule('2026-05-01T03:00:00Z');
    await world.until('2026-05-01T12:00:00Z');
    world.restore(claim, zero());
    await world.retry();
    await world.settle();
    expect((await world.claim(claim)).rotated).toMatchObject({ period: '2026-05' });
    const { pairs } = world.paper;
    await world.retry();
    await world.settle();
    expect(world.paper.pairs).toBe(pairs);
  });

  test('leaves the backlog with its claim', async () => {
    world.breakSlot(claim, zero());
    await run();
    const present = await world.claim(claim);
    const lost = { ...present, version: present.version + 1, status: 'lost' as const };
    await world.claims.update(present, lost);
    await world.retry();
    await world.settle();
    expect(item()).toBeUndefined();
  });
});

describe('a next key that Route 53 has not put on all servers', () => {
  test('is not promoted, whatever resolvers find', async () => {
    const key = `${claim.shard} ${claim.label}`;
    const stored = world.publications.items.get(key)!;
    const insyncSince = Object.fromEntries(
      Object.entries(stored.insyncSince).filter(([name]) => !name.startsWith('zero.')),
    );
    world.publications.items.set(key, { ...stored, insyncSince });
    expect(await run()).toEqual({ 'held-back:not-insync': 1 });
  });

  test('waits for 48 hours of it', async () => {
    const key = `${claim.shard} ${claim.label}`;
    const stored = world.publications.items.get(key)!;
    const insyncSince = Object.fromEntries(
      Object.entries(stored.insyncSince).map(([name, since]) => [
        name,
        name.startsWith('zero.') ? '2026-03-30T04:00:00.000Z' : since,
      ]),
    );
    world.publications.items.set(key, { ...stored, insyncSince });
    expect(await run()).toEqual({ 'not-due': 1 });
    expect(item()).toMatchObject({
      reason: 'next-not-insync-long-enough',
      retryAt: '2026-04-01T04:00:00.000Z',
    });
  });
});

describe('a domain with a spare', () => {
  test('promotes that one where the slot of the next key is broken, without a newly promoted key', async () => {
    const young = await world.givenVerified();
    world.breakSlot(young, young.keys[1].selector);
    await world.until('2026-03-31T00:00:00Z');
    const { pairs } = world.paper;
    await run();
    expect(await world.states(young)).toEqual(['zero previous', 'one next', 'two current']);
    expect(world.paper.pairs - pairs).toBe(1);
    expect(world.backlog.items.get(young.label)).toBeUndefined();
  });

  test('is blocked for its next slot where both are broken', async () => {
    const young = await world.givenVerified();
    for (const { selector } of young.keys.slice(1)) world.breakSlot(young, selector);
    await run();
    expect(world.backlog.items.get(young.label)).toMatchObject({ reason: 'cname-missing' });
    expect(world.backlog.items.get(young.label)?.detail).toContain('one._domainkey');
  });
});
