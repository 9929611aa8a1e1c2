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
  TestEnvironment,
} from './test-environment.ts';

let testEnvironment: TestEnvironment;
let claim: Claim;
beforeEach(async () => {
  testEnvironment = new TestEnvironment();
  claim = await testEnvironment.claim();
});

const slot = (name: 'zero' | 'one' | 'two') => `${name}._domainkey.${DOMAIN}`;
const cname = (name: string, value: string): DnsRecord => ({ name, type: 'CNAME', value });
const dueIn = async (label = claim.label): Promise<number> =>
  Date.parse((await testEnvironment.checks.get(label))!.dueAt) - testEnvironment.now;

async function givenVerified(): Promise<void> {
  testEnvironment.dns.zone(DOMAIN, copied(claim));
  await testEnvironment.check(claim);
}

describe('a new claim', () => {
  test('stays pending while its records are not there, and is not written', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    const { claim: after, result, transition } = await testEnvironment.check(claim);
    expect(after).toEqual(claim);
    expect(transition).toBeUndefined();
    expect(result?.records.map(({ status }) => status)).not.toContain('ok');
    expect(await testEnvironment.stored(claim)).toEqual(claim);
    expect(await testEnvironment.maySign(claim)).toBe(false);
  });

  test('is verified once its records are there, holds the domain and may sign', async () => {
    testEnvironment.advance(5 * MINUTE);
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const { claim: after, transition } = await testEnvironment.check(claim);
    const now = new Date(testEnvironment.now).toISOString();
    expect(transition).toEqual({ from: 'pending', to: 'verified' });
    expect(after).toMatchObject({
      status: 'verified',
      statusSince: now,
      verifiedAt: now,
      seenAt: now,
      version: claim.version + 1,
    });
    expect(await testEnvironment.stored(claim)).toEqual(after);
    expect(await testEnvironment.claims.holder(DOMAIN)).toMatchObject({
      label: claim.label,
      since: now,
    });
    expect(await testEnvironment.maySign(claim)).toBe(true);
  });

  test('has a first key that signs from then on', async () => {
    await givenVerified();
    const [first, ...others] = (await testEnvironment.stored(claim)).keys;
    expect(first).toMatchObject({ state: 'current', firstSignedAt: START });
    expect(others.map(({ firstSignedAt }) => firstSignedAt)).toEqual([undefined, undefined]);
  });

  test('is verified with two slots of three', async () => {
    testEnvironment.dns.zone(DOMAIN, without(copied(claim), slot('two')));
    expect((await testEnvironment.check(claim)).claim.status).toBe('verified');
    expect((await testEnvironment.check(claim)).claim.status).toBe('verified');
  });

  test('is not verified while the key that signs is not found behind the CNAME', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    testEnvironment.dns.zone(claim.shard, []);
    const { claim: after } = await testEnvironment.check(claim);
    expect(after).toMatchObject({ status: 'pending', seenAt: START });
    expect(await testEnvironment.claims.holder(DOMAIN)).toBeUndefined();
  });

  test('is not verified by another key behind the CNAME', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const [first, second, third] = claim.keys;
    testEnvironment.host({
      ...claim,
      keys: [second, first, third].map((key, i) => ({
        ...key,
        selector: claim.keys[i]!.selector,
      })) as unknown as KeyRing,
    });
    expect((await testEnvironment.check(claim)).claim.status).toBe('pending');
  });

  test('is not verified by a wildcard', async () => {
    testEnvironment.dns.zone(DOMAIN, [
      copied(claim).find(({ name }) => name === slot('zero'))!,
      cname(
        `*._domainkey.${DOMAIN}`,
        copied(claim).find(({ name }) => name === slot('one'))!.value,
      ),
    ]);
    expect((await testEnvironment.check(claim)).claim.status).toBe('pending');
  });

  test('is not verified by what only the resolvers say', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    testEnvironment.dns.shield(DOMAIN);
    const { claim: after, result } = await testEnvironment.check(claim);
    expect(after.status).toBe('pending');
    expect(result?.records.find(({ id }) => id === 'dkim-zero')?.status).toBe('ok');
  });

  test('is checked by the back-off', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    const waits = [];
    for (let check = 0; check < 6; check += 1) {
      await testEnvironment.check(claim);
      waits.push(Math.round((await dueIn()) / MINUTE));
      testEnvironment.advance(await dueIn());
    }
    expect(waits).toEqual([1, 2, 5, 10, 30, 60]);
  });

  test('gets the DMARC policy that is in effect, once DNS shows it', async () => {
    const unknown = await testEnvironment.claim({
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
    testEnvironment.dns.zone(DOMAIN, parent);
    testEnvironment.dns.silence(DOMAIN);
    expect((await testEnvironment.check(unknown)).claim).toEqual(unknown);
    testEnvironment.dns.silence(DOMAIN, false);
    expect((await testEnvironment.check(unknown)).claim.dmarc).toMatchObject({ p: 'quarantine' });
    testEnvironment.dns.zone(DOMAIN, []);
    expect((await testEnvironment.check(unknown)).claim.dmarc).toMatchObject({ p: 'quarantine' });
  });
});

describe('a verified claim', () => {
  beforeEach(givenVerified);

  test('is not written by a check that finds it unchanged', async () => {
    const before = await testEnvironment.stored(claim);
    testEnvironment.advance(DAY);
    expect((await testEnvironment.check(claim)).claim).toEqual(before);
    expect(await testEnvironment.stored(claim)).toEqual(before);
  });

  test('is checked daily, or hourly where it sent mail lately', async () => {
    expect(await dueIn()).toBeGreaterThan(20 * HOUR);
    await testEnvironment.checks.noteSent(claim.label, new Date(testEnvironment.now).toISOString());
    await testEnvironment.check(claim);
    expect(await dueIn()).toBeLessThanOrEqual(HOUR);
  });

  test('is at risk, and goes on signing, while a CNAME is wrong', async () => {
    testEnvironment.dns.zone(
      DOMAIN,
      replaced(copied(claim), cname(slot('zero'), 'elsewhere.example')),
    );
    const { transition } = await testEnvironment.check(claim);
    expect(transition).toEqual({ from: 'verified', to: 'at-risk' });
    expect(await testEnvironment.maySign(claim)).toBe(true);
    expect(await dueIn()).toBeLessThanOrEqual(HOUR);
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    expect((await testEnvironment.check(claim)).transition).toEqual({
      from: 'at-risk',
      to: 'verified',
    });
  });

  test('keeps when it was first verified over a time of risk', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.check(claim);
    testEnvironment.advance(DAY);
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    expect((await testEnvironment.check(claim)).claim.verifiedAt).toBe(START);
  });

  test('is lost after 7 days without its records, and verified when they are back', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.check(claim);
    testEnvironment.advance(7 * DAY);
    expect((await testEnvironment.check(claim)).transition).toEqual({
      from: 'at-risk',
      to: 'lost',
    });
    expect(await testEnvironment.maySign(claim)).toBe(false);
    testEnvironment.advance(DAY);
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    expect((await testEnvironment.check(claim)).transition).toEqual({
      from: 'lost',
      to: 'verified',
    });
    expect(await testEnvironment.maySign(claim)).toBe(true);
  });

  test('keeps its status through 6 days in which DNS is down', async () => {
    const before = await testEnvironment.stored(claim);
    testEnvironment.dns.silence(DOMAIN);
    for (let hour = 0; hour < 6 * 24; hour += 1) {
      testEnvironment.advance(HOUR);
      await testEnvironment.check(claim);
    }
    expect(await testEnvironment.stored(claim)).toEqual(before);
    testEnvironment.dns.silence(DOMAIN, false);
    testEnvironment.advance(DAY);
    expect((await testEnvironment.check(claim)).claim).toEqual(before);
  });

  test('keeps its status while only our own zone does not answer', async () => {
    testEnvironment.dns.silence(claim.shard);
    expect((await testEnvironment.check(claim)).claim.status).toBe('verified');
  });
});

describe('when a domain moves to another tenant', () => {
  let rival: Claim;
  beforeEach(async () => {
    await givenVerified();
    rival = await testEnvironment.claim();
  });

  test('the rival’s proof moves the holder, and the loser stops signing at once', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(rival));
    expect((await testEnvironment.check(rival)).claim.status).toBe('verified');
    expect(await testEnvironment.stored(claim)).toMatchObject({ status: 'lost' });
    expect(await testEnvironment.maySign(claim)).toBe(false);
    expect(await testEnvironment.maySign(rival)).toBe(true);
  });

  test('the loser’s own check stops it, and has the rival checked', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(rival));
    expect((await testEnvironment.check(claim)).transition).toEqual({
      from: 'verified',
      to: 'lost',
    });
    expect(await testEnvironment.maySign(claim)).toBe(false);
    expect(await dueIn(rival.label)).toBe(0);
    expect((await testEnvironment.check(rival)).claim.status).toBe('verified');
  });

  test('nothing moves while the slots point at two labels', async () => {
    const half = replaced(
      copied(claim),
      ...copied(rival).filter(({ name }) => name === slot('two')),
    );
    testEnvironment.dns.zone(DOMAIN, half);
    expect((await testEnvironment.check(rival)).claim.status).toBe('pending');
    expect((await testEnvironment.check(claim)).claim.status).toBe('at-risk');
    expect(await testEnvironment.maySign(claim)).toBe(true);
  });

  test('a rival with two slots, but not the one that signs, holds no other up but does not sign', async () => {
    const half = replaced(
      copied(claim),
      ...copied(rival).filter(({ name }) => name === slot('one') || name === slot('two')),
    );
    testEnvironment.dns.zone(DOMAIN, half);
    expect((await testEnvironment.check(rival)).claim.status).toBe('pending');
    expect((await testEnvironment.check(claim)).claim.status).toBe('lost');
    expect(await testEnvironment.maySign(claim)).toBe(false);
    expect(await testEnvironment.maySign(rival)).toBe(false);
  });

  test('a rival that is being deleted takes nothing', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(rival));
    await testEnvironment.claims.release(rival, deletedClaim(rival, START));
    expect((await testEnvironment.check(claim)).claim.status).toBe('at-risk');
    expect(await testEnvironment.claims.holder(DOMAIN)).toMatchObject({ label: claim.label });
  });

  test('the label of a retired claim proves nothing', async () => {
    const deleted = deletedClaim(rival, START);
    await testEnvironment.claims.release(rival, deleted);
    await testEnvironment.claims.retire(deleted, {
      ...deleted,
      version: deleted.version + 1,
      lifecycle: 'tombstone',
    });
    testEnvironment.dns.zone(DOMAIN, copied(rival));
    expect((await testEnvironment.check(claim)).claim.status).toBe('at-risk');
  });

  test('the label of a claim of another domain proves nothing', async () => {
    const elsewhere = await testEnvironment.claim({ domain: 'example.org' as typeof DOMAIN });
    const targets = copied(elsewhere).map((record) => ({
      ...record,
      name: record.name.replace('example.org', DOMAIN),
    }));
    testEnvironment.dns.zone(DOMAIN, targets);
    expect((await testEnvironment.check(claim)).claim.status).toBe('at-risk');
    expect((await testEnvironment.check(elsewhere)).claim.status).toBe('pending');
  });
});

describe('a claim that nothing ever pointed at', () => {
  test('expires after 14 days: its records go, and its name is free', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(14 * DAY);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('expired');
    expect(await testEnvironment.claims.get(claim)).toBeUndefined();
    expect(await testEnvironment.claims.getByLabel(claim.label)).toMatchObject({
      lifecycle: 'expired',
    });
    expect(await testEnvironment.checks.get(claim.label)).toBeUndefined();
  });

  test('takes the SES identity with it where it was the last of its domain', async () => {
    const other = await testEnvironment.claim();
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(14 * DAY);
    testEnvironment.identityQueue.take();
    await testEnvironment.check(claim);
    expect(testEnvironment.identityQueue.take()).toEqual([]);
    await testEnvironment.check(other);
    expect(testEnvironment.identityQueue.take()).toMatchObject([
      { request: { domain: DOMAIN }, group: 'identities' },
    ]);
  });
});

/** Deletes the claim as it is stored. */
const deleted = async (): Promise<Claim> => {
  const before = await testEnvironment.stored(claim);
  const after = deletedClaim(before, new Date(testEnvironment.now).toISOString());
  await testEnvironment.claims.release(before, after);
  return after;
};

describe('a deleted claim', () => {
  test('is left alone for 7 days, but checked hourly in case that is undone', async () => {
    await givenVerified();
    const last = (await testEnvironment.checks.get(claim.label))?.result;
    const after = await deleted();
    testEnvironment.dns.asked.splice(0);
    const outcome = await testEnvironment.check(claim);
    expect(outcome).toEqual({ claim: after, result: last });
    expect(await dueIn()).toBe(HOUR);
    testEnvironment.advance(7 * DAY - MINUTE);
    await testEnvironment.check(claim);
    expect(await dueIn()).toBe(MINUTE);
    expect(testEnvironment.dns.asked).toEqual([]);
  });

  test('becomes a retired claim where DNS was seen pointing at it', async () => {
    await givenVerified();
    await deleted();
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(7 * DAY);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('tombstone');
    expect(await testEnvironment.claims.getByLabel(claim.label)).toMatchObject({
      lifecycle: 'tombstone',
    });
    expect(testEnvironment.identityQueue.take().at(-1)?.request).toEqual({ domain: DOMAIN });
    expect(await testEnvironment.checks.get(claim.label)).toBeUndefined();
  });

  test.each<[string, () => void, Claim['lifecycle']]>([
    ['nothing points at it', () => testEnvironment.dns.zone(DOMAIN, []), 'expired'],
    ['something does by now', () => testEnvironment.dns.zone(DOMAIN, copied(claim)), 'tombstone'],
    [
      'only its SPF include is there',
      () =>
        testEnvironment.dns.zone(
          DOMAIN,
          copied(claim).filter(({ name }) => name === DOMAIN),
        ),
      'tombstone',
    ],
    ['DNS does not answer', () => testEnvironment.dns.silence(DOMAIN), 'tombstone'],
  ])('that was never seen, is checked once more: %s', async (_what, given, lifecycle) => {
    testEnvironment.dns.zone(DOMAIN, []);
    await deleted();
    given();
    testEnvironment.advance(7 * DAY);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe(lifecycle);
  });

  test('is not retired where the deletion was undone meanwhile', async () => {
    const before = await deleted();
    const restored = restoredClaim(before, new Date(testEnvironment.now).toISOString());
    await testEnvironment.claims.update(before, restored);
    testEnvironment.advance(7 * DAY);
    await expect(
      runCheck(before, testEnvironment.ports, new Date(testEnvironment.now)),
    ).rejects.toThrow(Conflict);
    expect(await testEnvironment.stored(claim)).toEqual(restored);
  });

  test('that is a retired claim already is only forgotten', async () => {
    await testEnvironment.checks.schedule({ ...claim, dueAt: START });
    await runCheck(
      { ...claim, lifecycle: 'tombstone' },
      testEnvironment.ports,
      new Date(testEnvironment.now),
    );
    expect(await testEnvironment.checks.get(claim.label)).toBeUndefined();
  });
});

/** The store's own methods, to be replaced one by one. */
const bound = () => ({
  get: testEnvironment.claims.get.bind(testEnvironment.claims),
  getByLabel: testEnvironment.claims.getByLabel.bind(testEnvironment.claims),
  update: testEnvironment.claims.update.bind(testEnvironment.claims),
  hold: testEnvironment.claims.hold.bind(testEnvironment.claims),
  retire: testEnvironment.claims.retire.bind(testEnvironment.claims),
  pastKeys: testEnvironment.claims.pastKeys.bind(testEnvironment.claims),
  selfHosted: testEnvironment.claims.selfHosted.bind(testEnvironment.claims),
});

/** Lets another writer in, right before the check's own writes. */
function interfering(times: number) {
  const { ports } = testEnvironment;
  let left = times;
  return {
    ...ports,
    claims: {
      ...bound(),
      hold: async (before: Claim, next: Claim, now: string) => {
        if (left > 0) {
          left -= 1;
          const stored = await testEnvironment.stored(claim);
          await testEnvironment.claims.update(stored, {
            ...stored,
            version: stored.version + 1,
            spf: { mechanisms: [`ip4:192.0.2.${left}`] },
          });
        }
        await testEnvironment.claims.hold(before, next, now);
      },
    },
  };
}

describe('when somebody else writes the claim during a check', () => {
  test('it decides again, on the claim as it is now', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const outcome = await runCheck(claim, interfering(1), new Date(testEnvironment.now));
    expect(outcome.claim).toMatchObject({
      status: 'verified',
      spf: { mechanisms: ['ip4:192.0.2.0'] },
      version: 3,
    });
    expect(await testEnvironment.stored(claim)).toEqual(outcome.claim);
  });

  test('it gives up where that happens again', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await expect(runCheck(claim, interfering(2), new Date(testEnvironment.now))).rejects.toThrow(
      Conflict,
    );
  });

  test('it gives up where the claim is gone', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const gone = { ...bound(), get: async () => undefined };
    const stale = { ...claim, version: 7 };
    await expect(
      runCheck(stale, { ...testEnvironment.ports, claims: gone }, new Date(testEnvironment.now)),
    ).rejects.toThrow(Conflict);
  });
});

const enqueued = () => testEnvironment.identityQueue.take().map(({ request }) => request);

describe('the SES identity', () => {
  test('is asked for where there is none', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([{ domain: DOMAIN }]);
  });

  test('is not checked while its record is not there', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.identities.put(identityOf(DOMAIN));
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([]);
  });

  test('is checked as soon as its record is there, and soon again', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await testEnvironment.identities.put(identityOf(DOMAIN));
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([{ domain: DOMAIN }]);
    expect(await dueIn()).toBeLessThanOrEqual(1.1 * MINUTE);
    testEnvironment.advance(HOUR);
    await testEnvironment.check(claim);
    expect(await dueIn()).toBeGreaterThan(50 * MINUTE);
    expect(await dueIn()).toBeLessThan(70 * MINUTE);
  });

  test('is left alone once it is ready, but for a check a day', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await testEnvironment.identities.put(identityOf(DOMAIN, { status: 'ready' }));
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([]);
    expect(await dueIn()).toBeGreaterThan(HOUR);
    testEnvironment.advance(DAY);
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([{ domain: DOMAIN }]);
  });
});
