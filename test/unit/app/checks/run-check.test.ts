import { beforeEach, describe, expect, test } from 'vitest';
import { turnOf } from '#shared/app/identity-views.ts';
import { LOCK_MS, runCheck } from '#shared/app/checks/run-check.ts';
import { deletedClaim, restoredClaim, type Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import {
  copied,
  DAY,
  DOMAIN,
  HOUR,
  viewOf,
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
    await testEnvironment.check(claim);
    expect(await dueIn()).toBeLessThan(MINUTE / 2);
    testEnvironment.advance(2 * HOUR);
    await testEnvironment.check(claim);
    expect(Math.round((await dueIn()) / MINUTE)).toBe(10);
  });

  test('that is verified is checked often until all its records are right', async () => {
    testEnvironment.dns.zone(DOMAIN, without(copied(claim), DOMAIN));
    await testEnvironment.check(claim);
    expect((await testEnvironment.stored(claim)).status).toBe('verified');
    expect(await dueIn()).toBeLessThan(MINUTE / 2);
    await testEnvironment.identities.putView(viewOf(claim, { status: 'ready', hasMailFrom: true }));
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await testEnvironment.check(claim);
    expect(await dueIn()).toBeGreaterThan(20 * HOUR);
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
  test('expires after 180 days: its records go, and its name is free', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(180 * DAY - 1);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('live');
    testEnvironment.advance(1);
    expect((await testEnvironment.check(claim)).claim).toMatchObject({
      lifecycle: 'expired',
      expiredAt: new Date(testEnvironment.now).toISOString(),
    });
    expect(await testEnvironment.claims.get(claim)).toBeUndefined();
    expect(await testEnvironment.claims.getByLabel(claim.label)).toMatchObject({
      lifecycle: 'expired',
    });
    expect(await testEnvironment.checks.get(claim.label)).toBeUndefined();
  });

  test('ends in a turn at SES of its own, the last of its domain or not', async () => {
    const other = await testEnvironment.claim();
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(180 * DAY);
    testEnvironment.identityQueue.take();
    for (const one of [claim, other]) {
      await testEnvironment.check(one);
      expect(testEnvironment.identityQueue.take()).toMatchObject([
        { request: turnOf(one), group: one.tenant },
      ]);
    }
  });
});

describe('a claim that is about to expire', () => {
  test('is noted once, 14 days before, and that writes it', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(166 * DAY - 1);
    expect((await testEnvironment.check(claim)).claim).toEqual(claim);
    testEnvironment.advance(1);
    const warned = (await testEnvironment.check(claim)).claim;
    const expiring = {
      since: new Date(testEnvironment.now).toISOString(),
      expiresAt: new Date(testEnvironment.now + 14 * DAY).toISOString(),
    };
    expect(warned).toMatchObject({ version: claim.version + 1, expiring });
    testEnvironment.advance(DAY);
    expect((await testEnvironment.check(claim)).claim).toEqual(warned);
  });

  test('is not any more once something points at it', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(170 * DAY);
    expect((await testEnvironment.check(claim)).claim.expiring).toBeDefined();
    testEnvironment.dns.zone(DOMAIN, copied(claim).slice(0, 1));
    expect((await testEnvironment.check(claim)).claim).toMatchObject({ status: 'pending' });
    expect((await testEnvironment.stored(claim)).expiring).toBeUndefined();
    testEnvironment.advance(30 * DAY);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('live');
  });

  test('is verified where its records are put right on day 120', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    testEnvironment.advance(120 * DAY);
    await testEnvironment.check(claim);
    expect(await dueIn()).toBeLessThanOrEqual(1.1 * DAY);
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    expect((await testEnvironment.check(claim)).claim.status).toBe('verified');
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
    expect(testEnvironment.identityQueue.take().at(-1)?.request).toEqual(turnOf(claim));
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

  test('that was never proven nor seen gives its place back at once, where DNS says so', async () => {
    const { shard } = claim;
    const placesTaken = async () => (await testEnvironment.claims.shardCounts([shard])).get(shard);
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await deleted();
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('deleting');
    testEnvironment.dns.silence(DOMAIN);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('deleting');
    expect(await placesTaken()).toBe(1);
    testEnvironment.dns.silence(DOMAIN, false);
    testEnvironment.dns.zone(DOMAIN, []);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('expired');
    expect(await placesTaken()).toBe(0);
    expect(await testEnvironment.claims.pendingCount(claim.tenant)).toBe(0);
  });

  test('of an earlier release waits for its 7 days, and counts for nothing', async () => {
    const { pendingWhileDeleting: _, ...earlier } = await deleted();
    await testEnvironment.claims.update(await testEnvironment.stored(claim), {
      ...earlier,
      version: earlier.version + 1,
    });
    testEnvironment.dns.zone(DOMAIN, []);
    expect((await testEnvironment.check(claim)).claim.lifecycle).toBe('deleting');
    expect(await testEnvironment.claims.pendingCount(claim.tenant)).toBe(0);
  });

  test('is not retired where the deletion was undone meanwhile', async () => {
    const before = await deleted();
    const restored = restoredClaim(before, new Date(testEnvironment.now).toISOString());
    await testEnvironment.claims.update(before, restored);
    testEnvironment.advance(7 * DAY);
    await expect(runCheck(before, testEnvironment.ports)).rejects.toThrow(Conflict);
    expect(await testEnvironment.stored(claim)).toEqual(restored);
  });

  test('that is a retired claim already is only forgotten', async () => {
    await testEnvironment.checks.schedule({ ...claim, dueAt: START });
    await runCheck({ ...claim, lifecycle: 'tombstone' }, testEnvironment.ports);
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
    const outcome = await runCheck(claim, interfering(1));
    expect(outcome?.claim).toMatchObject({
      status: 'verified',
      spf: { mechanisms: ['ip4:192.0.2.0'] },
      version: 3,
    });
    expect(await testEnvironment.stored(claim)).toEqual(outcome?.claim);
  });

  test('it gives up where that happens again', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await expect(runCheck(claim, interfering(2))).rejects.toThrow(Conflict);
  });

  test('it gives up where the claim is gone', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const gone = { ...bound(), get: async () => undefined };
    const stale = { ...claim, version: 7 };
    await expect(runCheck(stale, { ...testEnvironment.ports, claims: gone })).rejects.toThrow(
      Conflict,
    );
  });
});

const enqueued = () => testEnvironment.identityQueue.take().map(({ request }) => request);

describe('the SES identity', () => {
  test('is asked for where there is none', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([turnOf(claim)]);
  });

  test('is not checked while its record is not there', async () => {
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.identities.putView(viewOf(claim));
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([]);
  });

  test('is checked as soon as its record is there, and soon again', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await testEnvironment.identities.putView(viewOf(claim));
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([{ ...turnOf(claim), recordSeen: true }]);
    expect(await dueIn()).toBeLessThanOrEqual(1.1 * MINUTE);
    testEnvironment.advance(HOUR);
    await testEnvironment.check(claim);
    expect(await dueIn()).toBeGreaterThan(50 * MINUTE);
    expect(await dueIn()).toBeLessThan(70 * MINUTE);
  });

  test('has its MAIL FROM set as soon as the claim is proven, and not before', async () => {
    await testEnvironment.identities.putView(viewOf(claim, { status: 'ready' }));
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([]);
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([{ ...turnOf(claim), recordSeen: true }]);
  });

  test('is asked for again at each check while it is held', async () => {
    const { token: _, ...held } = viewOf(claim, { status: 'held' });
    await testEnvironment.identities.putView(held);
    testEnvironment.dns.zone(DOMAIN, []);
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([turnOf(claim)]);
  });

  test('of a claim of release 0.2 is the domain’s until the claim has a view of its own', async () => {
    const { ownIdentityView: _, ...before } = claim;
    await testEnvironment.claims.update(claim, { ...before, version: claim.version + 1 });
    await testEnvironment.identities.put(
      {
        domain: DOMAIN,
        stage: 'made',
        status: 'ready',
        token: 'sestoken',
        mailFrom: `bounces.${DOMAIN}`,
        requestedAt: START,
        polledAt: START,
      },
      undefined,
    );
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const { result } = await testEnvironment.check(claim);
    expect(result?.records.find(({ id }) => id === 'ses-identity')?.status).toBe('ok');
    expect(enqueued()).toEqual([]);
  });

  test('is left alone once it is ready, but for a check a day', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    await testEnvironment.identities.putView(viewOf(claim, { status: 'ready', hasMailFrom: true }));
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([]);
    expect(await dueIn()).toBeGreaterThan(HOUR);
    testEnvironment.advance(DAY);
    await testEnvironment.check(claim);
    expect(enqueued()).toEqual([{ ...turnOf(claim), recordSeen: true }]);
  });
});

/** A check that waits for DNS until `answer` is called. */
function underWay() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { resolver } = testEnvironment.ports;
  const slow = {
    ...testEnvironment.ports,
    resolver: {
      lookup: resolver.lookup.bind(resolver),
      lookupEverywhere: resolver.lookupEverywhere.bind(resolver),
      delegation: resolver.delegation.bind(resolver),
      delegatedTo: resolver.delegatedTo.bind(resolver),
      authoritative: async (...asked: Parameters<typeof resolver.authoritative>) => {
        await promise;
        return resolver.authoritative(...asked);
      },
    },
  };
  return { check: runCheck(claim, slow), answer: resolve };
}

const stateNow = () => testEnvironment.checks.get(claim.label);

describe('the lock of a check', () => {
  test('lets no other check of the domain begin, however long the first takes', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const { check, answer } = underWay();
    testEnvironment.advance(LOCK_MS - 1);
    expect(await runCheck(claim, testEnvironment.ports)).toBeUndefined();
    expect(testEnvironment.dns.asked).toEqual([]);
    answer();
    expect((await check)?.claim.status).toBe('verified');
    expect((await stateNow())?.lock).toBeUndefined();
    expect((await runCheck(claim, testEnvironment.ports))?.result).toBeDefined();
  });

  test('of a check that was cut short is taken by the next', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    void underWay();
    testEnvironment.advance(LOCK_MS);
    expect((await runCheck(claim, testEnvironment.ports))?.claim.status).toBe('verified');
  });

  test('once its time is over, lets the check write nothing', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const { check, answer } = underWay();
    testEnvironment.advance(LOCK_MS);
    answer();
    await expect(check).rejects.toThrow(Conflict);
    expect(await testEnvironment.stored(claim)).toEqual(claim);
    expect((await stateNow())?.result).toBeUndefined();
  });

  test('is released by a check that fails', async () => {
    const claims = { ...bound(), update: () => Promise.reject(new Error('no table')) };
    testEnvironment.dns.zone(DOMAIN, copied(claim).slice(0, 1));
    await expect(runCheck(claim, { ...testEnvironment.ports, claims })).rejects.toThrow('no table');
    expect((await stateNow())?.lock).toBeUndefined();
  });

  test('held, a later request is answered by another check', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const { check, answer } = underWay();
    testEnvironment.advance(500);
    const requestedAt = new Date(testEnvironment.now).toISOString();
    await testEnvironment.checks.request({ ...claim, dueAt: requestedAt, requestedAt }, undefined);
    expect(await runCheck(claim, testEnvironment.ports, requestedAt)).toBeUndefined();
    answer();
    expect((await check)?.again).toBe(requestedAt);
    const next = await runCheck(claim, testEnvironment.ports, requestedAt);
    expect([next?.result?.checkedAt, next?.again]).toEqual([requestedAt, undefined]);
  });

  test('a request for a later time has its own message to come', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const { check, answer } = underWay();
    const requestedAt = new Date(testEnvironment.now + 2_000).toISOString();
    await testEnvironment.checks.request({ ...claim, dueAt: requestedAt, requestedAt }, undefined);
    answer();
    expect((await check)?.again).toBeUndefined();
  });

  test('a check that was asked for begins no earlier, by whatever clock', async () => {
    testEnvironment.dns.zone(DOMAIN, copied(claim));
    const since = new Date(testEnvironment.now + 40).toISOString();
    const outcome = await runCheck(claim, testEnvironment.ports, since);
    expect(outcome?.result?.checkedAt).toBe(since);
  });
});
