import { beforeEach, describe, expect, test } from 'vitest';
import { runCheck } from '#shared/app/checks/run-check.ts';
import { deletedClaim, restoredClaim, type Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import {
  copied,
  DAY,
  DOMAIN,
  HOUR,
  identityOf,
  MINUTE,
  replaced,
  START,
  without,
  World,
} from './world.ts';

let world: World;
let claim: Claim;
beforeEach(async () => {
  world = new World();
  claim = await world.claim();
});

const slot = (name: 'zero' | 'one' | 'two') => `${name}._domainkey.${DOMAIN}`;
const cname = (name: string, value: string): DnsRecord => ({ name, type: 'CNAME', value });
const dueIn = async (label = claim.label): Promise<number> =>
  Date.parse((await world.checks.get(label))!.dueAt) - world.now;

async function givenVerified(): Promise<void> {
  world.dns.zone(DOMAIN, copied(claim));
  await world.check(claim);
}

describe('a new claim', () => {
  test('stays pending while its records are not there, and is not written', async () => {
    world.dns.zone(DOMAIN, []);
    const { claim: after, result, transition } = await world.check(claim);
    expect(after).toEqual(claim);
    expect(transition).toBeUndefined();
    expect(result?.records.map(({ status }) => status)).not.toContain('ok');
    expect(await world.stored(claim)).toEqual(claim);
    expect(await world.maySign(claim)).toBe(false);
  });

  test('is verified once its records are there, holds the domain and may sign', async () => {
    world.advance(5 * MINUTE);
    world.dns.zone(DOMAIN, copied(claim));
    const { claim: after, transition } = await world.check(claim);
    const now = new Date(world.now).toISOString();
    expect(transition).toEqual({ from: 'pending', to: 'verified' });
    expect(after).toMatchObject({
      status: 'verified',
      statusSince: now,
      verifiedAt: now,
      seenAt: now,
      version: claim.version + 1,
    });
    expect(await world.stored(claim)).toEqual(after);
    expect(await world.claims.holder(DOMAIN)).toMatchObject({ label: claim.label, since: now });
    expect(await world.maySign(claim)).toBe(true);
  });

  test('has a first key that signs from then on', async () => {
    await givenVerified();
    const [first, ...others] = (await world.stored(claim)).keys;
    expect(first).toMatchObject({ state: 'current', firstSignedAt: START });
    expect(others.map(({ firstSignedAt }) => firstSignedAt)).toEqual([undefined, undefined]);
  });

  test('is verified with two slots of three', async () => {
    world.dns.zone(DOMAIN, without(copied(claim), slot('two')));
    expect((await world.check(claim)).claim.status).toBe('verified');
    expect((await world.check(claim)).claim.status).toBe('verified');
  });

  test('is not verified while the key that signs is not found behind the CNAME', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    world.dns.zone(claim.shard, []);
    const { claim: after } = await world.check(claim);
    expect(after).toMatchObject({ status: 'pending', seenAt: START });
    expect(await world.claims.holder(DOMAIN)).toBeUndefined();
  });

  test('is not verified by another key behind the CNAME', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    const [first, second, third] = claim.keys;
    world.host({
      ...claim,
      keys: [second, first, third].map((key, i) => ({
        ...key,
        selector: claim.keys[i]!.selector,
      })) as unknown as KeyRing,
    });
    expect((await world.check(claim)).claim.status).toBe('pending');
  });

  test('is not verified by a wildcard', async () => {
    world.dns.zone(DOMAIN, [
      copied(claim).find(({ name }) => name === slot('zero'))!,
      cname(
        `*._domainkey.${DOMAIN}`,
        copied(claim).find(({ name }) => name === slot('one'))!.value,
      ),
    ]);
    expect((await world.check(claim)).claim.status).toBe('pending');
  });

  test('is not verified by what only the resolvers say', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    world.dns.shield(DOMAIN);
    const { claim: after, result } = await world.check(claim);
    expect(after.status).toBe('pending');
    expect(result?.records.find(({ id }) => id === 'dkim-zero')?.status).toBe('ok');
  });

  test('is checked by the back-off', async () => {
    world.dns.zone(DOMAIN, []);
    const waits = [];
    for (let check = 0; check < 6; check += 1) {
      await world.check(claim);
      waits.push(Math.round((await dueIn()) / MINUTE));
      world.advance(await dueIn());
    }
    expect(waits).toEqual([1, 2, 5, 10, 30, 60]);
  });

  test('gets the DMARC policy that is in effect, once DNS tells it', async () => {
    const unknown = await world.claim({
      domain: 'sub.example.com' as typeof DOMAIN,
      dmarc: undefined,
    });
    const parent = [
      {
        name: `_dmarc.${DOMAIN}`,
        type: 'TXT' as const,
        value: 'v=DMARC1; p=reject; sp=quarantine',
      },
    ];
    world.dns.zone(DOMAIN, parent);
    world.dns.silence(DOMAIN);
    expect((await world.check(unknown)).claim).toEqual(unknown);
    world.dns.silence(DOMAIN, false);
    expect((await world.check(unknown)).claim.dmarc).toMatchObject({ p: 'quarantine' });
    world.dns.zone(DOMAIN, []);
    expect((await world.check(unknown)).claim.dmarc).toMatchObject({ p: 'quarantine' });
  });
});

describe('a verified claim', () => {
  beforeEach(givenVerified);

  test('is not written by a check that finds it unchanged', async () => {
    const before = await world.stored(claim);
    world.advance(DAY);
    expect((await world.check(claim)).claim).toEqual(before);
    expect(await world.stored(claim)).toEqual(before);
  });

  test('is checked daily, or hourly where it sent mail lately', async () => {
    expect(await dueIn()).toBeGreaterThan(20 * HOUR);
    await world.checks.noteSent(claim.label, new Date(world.now).toISOString());
    await world.check(claim);
    expect(await dueIn()).toBeLessThanOrEqual(HOUR);
  });

  test('is at risk, and goes on signing, while a CNAME is wrong', async () => {
    world.dns.zone(DOMAIN, replaced(copied(claim), cname(slot('zero'), 'elsewhere.example')));
    const { transition } = await world.check(claim);
    expect(transition).toEqual({ from: 'verified', to: 'at-risk' });
    expect(await world.maySign(claim)).toBe(true);
    expect(await dueIn()).toBeLessThanOrEqual(HOUR);
    world.dns.zone(DOMAIN, copied(claim));
    expect((await world.check(claim)).transition).toEqual({ from: 'at-risk', to: 'verified' });
  });

  test('keeps when it was first verified over a time of risk', async () => {
    world.dns.zone(DOMAIN, []);
    await world.check(claim);
    world.advance(DAY);
    world.dns.zone(DOMAIN, copied(claim));
    expect((await world.check(claim)).claim.verifiedAt).toBe(START);
  });

  test('is lost after 7 days without its records, and verified when they are back', async () => {
    world.dns.zone(DOMAIN, []);
    await world.check(claim);
    world.advance(7 * DAY);
    expect((await world.check(claim)).transition).toEqual({ from: 'at-risk', to: 'lost' });
    expect(await world.maySign(claim)).toBe(false);
    world.advance(DAY);
    world.dns.zone(DOMAIN, copied(claim));
    expect((await world.check(claim)).transition).toEqual({ from: 'lost', to: 'verified' });
    expect(await world.maySign(claim)).toBe(true);
  });

  test('keeps its status through 6 days in which DNS is down', async () => {
    const before = await world.stored(claim);
    world.dns.silence(DOMAIN);
    for (let hour = 0; hour < 6 * 24; hour += 1) {
      world.advance(HOUR);
      await world.check(claim);
    }
    expect(await world.stored(claim)).toEqual(before);
    world.dns.silence(DOMAIN, false);
    world.advance(DAY);
    expect((await world.check(claim)).claim).toEqual(before);
  });

  test('keeps its status while only our own zone does not answer', async () => {
    world.dns.silence(claim.shard);
    expect((await world.check(claim)).claim.status).toBe('verified');
  });
});

describe('when a domain moves to another tenant', () => {
  let rival: Claim;
  beforeEach(async () => {
    await givenVerified();
    rival = await world.claim();
  });

  test('the rival’s proof moves the holder, and the loser stops signing at once', async () => {
    world.dns.zone(DOMAIN, copied(rival));
    expect((await world.check(rival)).claim.status).toBe('verified');
    expect(await world.stored(claim)).toMatchObject({ status: 'lost' });
    expect(await world.maySign(claim)).toBe(false);
    expect(await world.maySign(rival)).toBe(true);
  });

  test('the loser’s own check stops it, and has the rival checked', async () => {
    world.dns.zone(DOMAIN, copied(rival));
    expect((await world.check(claim)).transition).toEqual({ from: 'verified', to: 'lost' });
    expect(await world.maySign(claim)).toBe(false);
    expect(await dueIn(rival.label)).toBe(0);
    expect((await world.check(rival)).claim.status).toBe('verified');
  });

  test('nothing moves while the slots point at two labels', async () => {
    const half = replaced(
      copied(claim),
      ...copied(rival).filter(({ name }) => name === slot('two')),
    );
    world.dns.zone(DOMAIN, half);
    expect((await world.check(rival)).claim.status).toBe('pending');
    expect((await world.check(claim)).claim.status).toBe('at-risk');
    expect(await world.maySign(claim)).toBe(true);
  });

  test('a rival with two slots, but not the one that signs, holds nobody up but does not sign', async () => {
    const half = replaced(
      copied(claim),
      ...copied(rival).filter(({ name }) => name === slot('one') || name === slot('two')),
    );
    world.dns.zone(DOMAIN, half);
    expect((await world.check(rival)).claim.status).toBe('pending');
    expect((await world.check(claim)).claim.status).toBe('lost');
    expect(await world.maySign(claim)).toBe(false);
    expect(await world.maySign(rival)).toBe(false);
  });

  test('a rival that is being deleted takes nothing', async () => {
    world.dns.zone(DOMAIN, copied(rival));
    await world.claims.release(rival, deletedClaim(rival, START));
    expect((await world.check(claim)).claim.status).toBe('at-risk');
    expect(await world.claims.holder(DOMAIN)).toMatchObject({ label: claim.label });
  });

  test('the label of a retired claim proves nothing', async () => {
    const deleted = deletedClaim(rival, START);
    await world.claims.release(rival, deleted);
    await world.claims.retire(deleted, {
      ...deleted,
      version: deleted.version + 1,
      lifecycle: 'tombstone',
    });
    world.dns.zone(DOMAIN, copied(rival));
    expect((await world.check(claim)).claim.status).toBe('at-risk');
  });

  test('the label of a claim of another domain proves nothing', async () => {
    const elsewhere = await world.claim({ domain: 'example.org' as typeof DOMAIN });
    const targets = copied(elsewhere).map((record) => ({
      ...record,
      name: record.name.replace('example.org', DOMAIN),
    }));
    world.dns.zone(DOMAIN, targets);
    expect((await world.check(claim)).claim.status).toBe('at-risk');
    expect((await world.check(elsewhere)).claim.status).toBe('pending');
  });
});

describe('a claim that nothing ever pointed at', () => {
  test('expires after 14 days: its records go, and its name is free', async () => {
    world.dns.zone(DOMAIN, []);
    world.advance(14 * DAY);
    expect((await world.check(claim)).claim.lifecycle).toBe('expired');
    expect(await world.claims.get(claim)).toBeUndefined();
    expect(await world.claims.getByLabel(claim.label)).toMatchObject({ lifecycle: 'expired' });
    expect(await world.checks.get(claim.label)).toBeUndefined();
  });

  test('takes the SES identity with it where it was the last of its domain', async () => {
    const other = await world.claim();
    world.dns.zone(DOMAIN, []);
    world.advance(14 * DAY);
    world.identityQueue.take();
    await world.check(claim);
    expect(world.identityQueue.take()).toEqual([]);
    await world.check(other);
    expect(world.identityQueue.take()).toMatchObject([
      { request: { domain: DOMAIN }, group: 'identities' },
    ]);
  });
});

/** Deletes the claim as it is stored. */
const deleted = async (): Promise<Claim> => {
  const before = await world.stored(claim);
  const after = deletedClaim(before, new Date(world.now).toISOString());
  await world.claims.release(before, after);
  return after;
};

describe('a deleted claim', () => {
  test('is left alone for 7 days, but looked at hourly in case that is undone', async () => {
    await givenVerified();
    const last = (await world.checks.get(claim.label))?.result;
    const after = await deleted();
    world.dns.asked.splice(0);
    const outcome = await world.check(claim);
    expect(outcome).toEqual({ claim: after, result: last });
    expect(await dueIn()).toBe(HOUR);
    world.advance(7 * DAY - MINUTE);
    await world.check(claim);
    expect(await dueIn()).toBe(MINUTE);
    expect(world.dns.asked).toEqual([]);
  });

  test('becomes a retired claim where DNS was seen pointing at it', async () => {
    await givenVerified();
    await deleted();
    world.dns.zone(DOMAIN, []);
    world.advance(7 * DAY);
    expect((await world.check(claim)).claim.lifecycle).toBe('tombstone');
    expect(await world.claims.getByLabel(claim.label)).toMatchObject({ lifecycle: 'tombstone' });
    expect(world.identityQueue.take().at(-1)?.request).toEqual({ domain: DOMAIN });
    expect(await world.checks.get(claim.label)).toBeUndefined();
  });

  test.each<[string, () => void, Claim['lifecycle']]>([
    ['nothing points at it', () => world.dns.zone(DOMAIN, []), 'expired'],
    ['something does by now', () => world.dns.zone(DOMAIN, copied(claim)), 'tombstone'],
    [
      'only its SPF include is there',
      () =>
        world.dns.zone(
          DOMAIN,
          copied(claim).filter(({ name }) => name === DOMAIN),
        ),
      'tombstone',
    ],
    ['DNS does not tell', () => world.dns.silence(DOMAIN), 'tombstone'],
  ])('that was never seen, is looked at once more: %s', async (_what, given, lifecycle) => {
    world.dns.zone(DOMAIN, []);
    await deleted();
    given();
    world.advance(7 * DAY);
    expect((await world.check(claim)).claim.lifecycle).toBe(lifecycle);
  });

  test('is not retired where the deletion was undone meanwhile', async () => {
    const before = await deleted();
    const restored = restoredClaim(before, new Date(world.now).toISOString());
    await world.claims.update(before, restored);
    world.advance(7 * DAY);
    await expect(runCheck(before, world.ports, new Date(world.now))).rejects.toThrow(Conflict);
    expect(await world.stored(claim)).toEqual(restored);
  });

  test('that is a retired claim already is only forgotten', async () => {
    await world.checks.schedule({ ...claim, dueAt: START });
    await runCheck({ ...claim, lifecycle: 'tombstone' }, world.ports, new Date(world.now));
    expect(await world.checks.get(claim.label)).toBeUndefined();
  });
});

/** The store's own methods, to be replaced one by one. */
const bound = () => ({
  get: world.claims.get.bind(world.claims),
  getByLabel: world.claims.getByLabel.bind(world.claims),
  update: world.claims.update.bind(world.claims),
  hold: world.claims.hold.bind(world.claims),
  retire: world.claims.retire.bind(world.claims),
  pastKeys: world.claims.pastKeys.bind(world.claims),
  selfHosted: world.claims.selfHosted.bind(world.claims),
});

/** Lets another writer in, right before the check's own writes. */
function interfering(times: number) {
  const { ports } = world;
  let left = times;
  return {
    ...ports,
    claims: {
      ...bound(),
      hold: async (before: Claim, next: Claim, now: string) => {
        if (left > 0) {
          left -= 1;
          const stored = await world.stored(claim);
          await world.claims.update(stored, {
            ...stored,
            version: stored.version + 1,
            spf: { mechanisms: [`ip4:192.0.2.${left}`] },
          });
        }
        await world.claims.hold(before, next, now);
      },
    },
  };
}

describe('when somebody else writes the claim during a check', () => {
  test('it decides anew, on the claim as it is now', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    const outcome = await runCheck(claim, interfering(1), new Date(world.now));
    expect(outcome.claim).toMatchObject({
      status: 'verified',
      spf: { mechanisms: ['ip4:192.0.2.0'] },
      version: 3,
    });
    expect(await world.stored(claim)).toEqual(outcome.claim);
  });

  test('it gives up where that happens again', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    await expect(runCheck(claim, interfering(2), new Date(world.now))).rejects.toThrow(Conflict);
  });

  test('it gives up where the claim is gone', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    const gone = { ...bound(), get: async () => undefined };
    const stale = { ...claim, version: 7 };
    await expect(
      runCheck(stale, { ...world.ports, claims: gone }, new Date(world.now)),
    ).rejects.toThrow(Conflict);
  });
});

const enqueued = () => world.identityQueue.take().map(({ request }) => request);

describe('the SES identity', () => {
  test('is asked for where there is none', async () => {
    world.dns.zone(DOMAIN, []);
    await world.check(claim);
    expect(enqueued()).toEqual([{ domain: DOMAIN }]);
  });

  test('is not looked at while its record is not there', async () => {
    world.dns.zone(DOMAIN, []);
    await world.identities.put(identityOf(DOMAIN));
    await world.check(claim);
    expect(enqueued()).toEqual([]);
  });

  test('is looked at as soon as its record is there, and soon again', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    await world.identities.put(identityOf(DOMAIN));
    await world.check(claim);
    expect(enqueued()).toEqual([{ domain: DOMAIN }]);
    expect(await dueIn()).toBeLessThanOrEqual(1.1 * MINUTE);
    world.advance(HOUR);
    await world.check(claim);
    expect(await dueIn()).toBeGreaterThan(50 * MINUTE);
    expect(await dueIn()).toBeLessThan(70 * MINUTE);
  });

  test('is left alone once it is ready, but for a look a day', async () => {
    world.dns.zone(DOMAIN, copied(claim));
    await world.identities.put(identityOf(DOMAIN, { status: 'ready' }));
    await world.check(claim);
    expect(enqueued()).toEqual([]);
    expect(await dueIn()).toBeGreaterThan(HOUR);
    world.advance(DAY);
    await world.check(claim);
    expect(enqueued()).toEqual([{ domain: DOMAIN }]);
  });
});
