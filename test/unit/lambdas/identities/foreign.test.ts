import { beforeEach, describe, expect, test } from 'vitest';
import { adoptIdentity, releaseIdentity } from '#shared/app/adopt-identity.ts';
import { deletedClaim, restoredClaim, type Claim } from '#shared/core/model/claim.ts';
import { IdentityRefused, type Identity } from '#shared/app/ports/identities.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { FakeTime } from '../../../fakes/time.ts';
import { MemorySesIdentities } from '../../../fakes/ses-identities.ts';
import { A, Service } from './test-environment.ts';

const HOUR = 3_600;
const OTHERS = { status: 'ready', mailFrom: `mail.${A}` };

let service: Service;
beforeEach(() => {
  service = new Service();
});

const at = () => new Date(service.now()).toISOString();
/** The calls that change something. */
const changing = () => service.calls().filter((call) => !call.startsWith('status'));
const adopt = (keepsMailFrom = false) =>
  adoptIdentity(A, { keepsMailFrom, dryRun: false }, { ...service.ports });

describe('an identity that SES had before the claim', () => {
  beforeEach(() => service.ses.givenForeign(A, OTHERS.mailFrom));

  test('stays as it is through claim, proof, deletion and expiry', async () => {
    const claim = await service.claim(A);
    await service.run();
    expect(await service.view(claim)).toMatchObject({ status: 'held' });
    expect((await service.view(claim))?.token).toBeUndefined();
    const proven = await service.prove(claim);
    await service.run(HOUR);
    const deleted = deletedClaim(proven, at());
    await service.claims.release(proven, deleted);
    await service.ask(deleted);
    await service.run(HOUR);
    const back = restoredClaim(deleted, at());
    await service.claims.update(deleted, back);
    await service.ask(back);
    await service.run(2 * 24 * HOUR);
    await service.end(back);
    await service.run(HOUR);
    expect(changing()).toEqual([]);
    expect(service.ses.identities.get(A)).toEqual(OTHERS);
    expect(await service.identities.get(A)).toBeUndefined();
    expect(service.waiting).toEqual([]);
  });

  test('is reported once, by a log entry and an event for the operator', async () => {
    const claim = await service.claim(A);
    await service.claim(A);
    await service.run(3 * HOUR);
    await service.ask(claim);
    await service.run(25 * HOUR);
    expect(service.events).toEqual([{ kind: 'foreign', domain: A }]);
    expect(service.notices).toMatchObject([{ type: 'identity.foreign', data: { domain: A } }]);
  });

  test('costs SES a question a day, however often the claim is checked', async () => {
    await service.claim(A);
    await service.run();
    service.calls();
    await service.run(24 * HOUR);
    expect(service.calls().length).toBeLessThanOrEqual(2);
  });

  test('once adopted gives its value, and the MAIL FROM of the service after proof', async () => {
    const claim = await service.claim(A);
    await service.run();
    expect(await adopt()).toMatchObject({ stage: 'adopted', status: 'ready' });
    // Within 15 minutes, without a check.
    await service.run(900);
    expect(await service.view(claim)).toMatchObject({ token: `token-of-${A}`, hasMailFrom: false });
    expect(service.ses.identities.get(A)).toEqual(OTHERS);
    await service.prove(claim);
    await service.run();
    expect(changing()).toEqual([`setMailFrom ${A} bounces.${A}`]);
    expect(await service.view(claim)).toMatchObject({ status: 'ready', hasMailFrom: true });
  });

  test('once adopted is never deleted', async () => {
    const claim = await service.claim(A);
    await service.run();
    await adopt();
    await service.run(900);
    await service.end(claim);
    await service.run();
    expect(changing()).toEqual([]);
    expect(await service.identities.get(A)).toBeUndefined();
  });

  test('adopted with its MAIL FROM keeps it', async () => {
    const claim = await service.claim(A);
    await service.run();
    await adopt(true);
    await service.prove(claim);
    await service.run(900);
    expect(await service.view(claim)).toMatchObject({ status: 'ready', hasMailFrom: true });
    expect(changing()).toEqual([]);
    expect(service.ses.identities.get(A)).toEqual(OTHERS);
  });

  test('is released again, and its claims wait', async () => {
    const claim = await service.claim(A);
    await service.run();
    await adopt();
    await service.run(900);
    await releaseIdentity(A, { dryRun: false }, service.ports);
    await service.ask(claim);
    await service.run(HOUR);
    expect(await service.view(claim)).toMatchObject({ status: 'held' });
    expect((await service.view(claim))?.token).toBeUndefined();
    expect(changing()).toEqual([]);
  });

  test('is the service’s to make once it is gone from SES', async () => {
    const claim = await service.claim(A);
    await service.run();
    await service.ses.delete(A);
    await service.run(25 * HOUR);
    expect(await service.identities.get(A)).toMatchObject({ stage: 'made' });
    expect((await service.view(claim))?.token).toBeDefined();
  });
});

describe('adoption', () => {
  test('needs an identity at SES that the deployment did not make', async () => {
    expect(await adopt()).toBe('unknown-to-ses');
    await service.claim(A);
    await service.run();
    expect(await adopt()).toBe('own');
    expect(await releaseIdentity(A, { dryRun: false }, service.ports)).toBe('not-adopted');
  });

  test('may come before the claim, and a dry run writes nothing', async () => {
    service.ses.givenForeign(A);
    const options = { keepsMailFrom: false, dryRun: true };
    expect(await adoptIdentity(A, options, service.ports)).toMatchObject({ stage: 'adopted' });
    expect(await service.identities.get(A)).toBeUndefined();
    await adopt();
    const claim = await service.claim(A);
    await service.run();
    expect((await service.view(claim))?.token).toBe(`token-of-${A}`);
    expect(service.notices).toEqual([]);
  });
});

/** The bodies of messages that are due, which SQS gives again. */
const bodies = () => service.waiting.splice(0).map(({ body }) => body);
/** Ends the next call of the table's writes as a crash would. */
const crashAfter = (put: (identity: Identity) => boolean) => {
  const { identities } = service;
  const original = identities.put.bind(identities);
  identities.put = async (next, before) => {
    if (put({ ...next, version: 0 })) {
      identities.put = original;
      throw new Error('crashed');
    }
    return original(next, before);
  };
};

describe('a crash', () => {
  test('between SES’s answer and our note leaves the identity our own', async () => {
    const claim = await service.claim(A);
    const messages = bodies();
    crashAfter(({ stage }) => stage === 'made');
    await service.call(messages);
    service.waiting = [];
    expect(service.ses.identities.has(A)).toBe(true);
    expect(await service.identities.get(A)).toMatchObject({ stage: 'making' });
    service.time.advance(360_000);
    await service.call(messages);
    expect(await service.identities.get(A)).toMatchObject({
      stage: 'made',
      token: `token-of-${A}`,
    });
    expect((await service.view(claim))?.status).toBe('preparing');
    expect(service.notices).toEqual([]);
    await service.end(claim);
    await service.run();
    expect(service.ses.identities.has(A)).toBe(false);
  });

  test('before the call leaves an identity alone that somebody else has verified since', async () => {
    const claim = await service.claim(A);
    const messages = bodies();
    service.ses.failing.push(undefined, new Error('timeout'));
    await service.call(messages);
    expect(await service.identities.get(A)).toMatchObject({ stage: 'making' });
    service.ses.givenForeign(A, OTHERS.mailFrom);
    await service.run(HOUR);
    expect(await service.view(claim)).toMatchObject({ status: 'held' });
    await service.end(claim);
    await service.run();
    expect(service.ses.identities.get(A)).toEqual(OTHERS);
  });

  test('in a deletion is made good by the next turn', async () => {
    const claim = await service.claim(A);
    await service.run();
    await service.end(claim);
    const messages = bodies();
    service.ses.failing.push(new Error('timeout'));
    await service.call(messages);
    expect(await service.identities.get(A)).toMatchObject({ stage: 'removing' });
    await service.run();
    expect(service.ses.identities.has(A)).toBe(false);
    expect(await service.identities.get(A)).toBeUndefined();
  });

  test('has no part in it where a claim ends and another begins in one batch', async () => {
    const one = await service.claim(A);
    await service.run();
    await service.end(one);
    const next = await service.claim(A);
    await service.claims.retire(next, { ...next, lifecycle: 'expired', version: 2 });
    // The second is claimed when its message is read, and gone when the first one's end is done.
    const getHeld = service.claims.getHeld.bind(service.claims);
    service.claims.getHeld = async (keys) =>
      (await getHeld(keys)).map((held, index) =>
        keys[index]!.tenant === next.tenant ? { ...held, claim: next } : held,
      );
    await service.run(5);
    expect(service.notices).toEqual([]);
    expect(await service.identities.get(A)).toMatchObject({ stage: 'made' });
  });

  test('in a deletion does not keep a claim that comes after', async () => {
    const one = await service.claim(A);
    await service.run();
    await service.end(one);
    service.ses.failing.push(new Error('timeout'));
    await service.call(bodies());
    service.waiting = [];
    const next = await service.claim(A);
    await service.run(HOUR);
    expect((await service.view(next))?.token).toBeDefined();
    expect(await service.identities.get(A)).toMatchObject({ stage: 'made' });
    expect(service.ses.identities.has(A)).toBe(true);
  });

  test.each(['a full quota', 'a refusal', 'a throttle'])(
    'is not what %s is: an identity made by somebody else meanwhile is theirs',
    async (what) => {
      const claim = await service.claim(A);
      const messages = bodies();
      if (what === 'a full quota') service.ses.quota = 0;
      if (what === 'a refusal') service.ses.failing.push(undefined, new IdentityRefused('no'));
      if (what === 'a throttle') {
        const throttles = Array.from({ length: 30 }, () => new Throttled('SES'));
        service.ses.failing.push(undefined, ...throttles);
      }
      await service.call(messages, 20);
      service.ses.failing.length = 0;
      service.ses.quota = 10_000;
      expect(await service.identities.get(A)).toBeUndefined();
      service.ses.identities.set(A, { status: 'preparing', mailFrom: OTHERS.mailFrom });
      await service.run(3 * HOUR);
      expect(await service.view(claim)).toMatchObject({ status: 'held' });
      expect(service.ses.identities.get(A)).toEqual({
        status: 'preparing',
        mailFrom: OTHERS.mailFrom,
      });
    },
  );
});

const claimIn = async (one: Service): Promise<Claim> => {
  const claim = await one.claim(A);
  await one.run();
  return claim;
};

describe('two deployments in one account', () => {
  let first: Service;
  let second: Service;
  beforeEach(() => {
    const shared = { ses: new MemorySesIdentities(), time: new FakeTime() };
    first = new Service('first', shared);
    second = new Service('second', shared);
  });

  test('the second leaves the identities of the first alone, and the first goes on', async () => {
    const claim = await claimIn(first);
    const proven = await first.prove(claim);
    await first.run();
    const later = await claimIn(second);
    expect(await second.view(later)).toMatchObject({ status: 'held' });
    expect(second.notices).toMatchObject([{ type: 'identity.foreign' }]);
    const laterProven = await second.prove(later);
    await second.run(HOUR);
    await second.end(laterProven);
    await second.run();
    expect(first.ses.identities.get(A)).toEqual({ status: 'preparing', mailFrom: `bounces.${A}` });
    expect(await first.identities.get(A)).toMatchObject({ stage: 'made', madeBy: 'first' });
    await first.end(proven);
    await first.run();
    expect(first.ses.identities.has(A)).toBe(false);
  });

  test('one that has the table of the other, as restored, takes its identities for foreign', async () => {
    await claimIn(first);
    await second.identities.put((await first.identities.get(A))!, undefined);
    const claim = await claimIn(second);
    expect(await second.view(claim)).toMatchObject({ status: 'held' });
    await second.end(claim);
    await second.run();
    expect(first.ses.identities.has(A)).toBe(true);
  });
});

test('an identity of release 0.2 is our own: used, and deleted with the last claim', async () => {
  service.ses.identities.set(A, { status: 'ready', mailFrom: `bounces.${A}` });
  const stored: Identity = {
    domain: A,
    stage: 'made',
    status: 'ready',
    token: `token-of-${A}`,
    mailFrom: `bounces.${A}`,
    requestedAt: '2026-11-23T09:12:01.337Z',
    polledAt: '2026-11-22T04:00:12.002Z',
    version: 0,
  };
  service.identities.items.set(A, stored);
  const { ownIdentityView: _, ...before } = await service.claim(A);
  await service.claims.update(before, { ...before, version: 2 });
  await service.run();
  expect(changing()).toEqual([]);
  expect(await service.view(before)).toMatchObject({
    status: 'ready',
    token: stored.token,
    hasMailFrom: true,
  });
  await service.end({ ...before, version: 2 });
  await service.run();
  expect(changing()).toEqual([`delete ${A}`]);
});
