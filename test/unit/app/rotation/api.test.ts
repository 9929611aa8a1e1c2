import { beforeEach, describe, expect, test } from 'vitest';
import type { KeyHistory } from '#shared/api/routes/keys.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { recordKey } from '#shared/core/records/changes.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from '../../lambdas/domains/test-environment.ts';

const DAYS = 86_400;
const path = '/v1/domains/example.com';
const json = { 'content-type': 'application/json' };

let testEnvironment: ReturnType<typeof givenTestEnvironment>;
beforeEach(() => {
  testEnvironment = givenTestEnvironment();
});

const rotate = (reason: unknown) =>
  testEnvironment.ask('POST', `${path}/rotations`, {
    headers: json,
    body: JSON.stringify({ reason }),
  });
const keys = async () =>
  (await testEnvironment.ask('GET', `${path}/keys`)).body as unknown as KeyHistory;

/** A verified claim of which everything is published, and pointed at by the customer. */
async function givenVerified(): Promise<Claim> {
  const at = testEnvironment.now();
  const born = givenClaim({ tenant: testEnvironment.tenant, createdAt: at });
  const [zero, one, two] = born.keys;
  const ring: KeyRing = [{ ...zero, firstSignedAt: at }, one, two];
  const claim: Claim = { ...born, keys: ring };
  await testEnvironment.claims.create(claim, { pendingPerTenant: 50, claimsPerShard: 100 });
  const next: Claim = { ...claim, version: 2, status: 'verified', statusSince: at, verifiedAt: at };
  await testEnvironment.claims.hold(claim, next, at);
  await publish(next);
  point(next, ['zero', 'one', 'two']);
  return next;
}

/** Applies what the publisher and Route 53 would have done by now. */
async function publish(claim: Claim): Promise<void> {
  const records = hostedRecords(claim, deployment);
  const { publications, dns } = testEnvironment;
  const stored = (await publications.get(claim.shard, [claim.label])).get(claim.label);
  await publications.put({
    shard: claim.shard,
    label: claim.label,
    revision: (stored?.revision ?? 0) + 1,
    claimVersion: claim.version,
    records,
    insyncSince: Object.fromEntries(
      records.map((record) => [recordKey(record), testEnvironment.now()]),
    ),
    pending: {},
  });
  dns.zone(
    claim.shard,
    records.map(({ name, values }) => ({ name, type: 'TXT', value: values[0]! })),
  );
}

function point(claim: Claim, slots: readonly string[]): void {
  testEnvironment.dns.zone(
    claim.domain,
    claim.keys
      .filter(({ selector }) => slots.includes(selector))
      .map(({ selector }) => ({
        name: `${selector}._domainkey.${claim.domain}`,
        type: 'CNAME',
        value: hostedKeyName(claim, selector),
      })),
  );
}

describe('POST /v1/domains/{name}/rotations, manual', () => {
  test('moves on to the next key where that is due', async () => {
    await givenVerified();
    testEnvironment.pass(14 * DAYS);
    const { status, body } = await rotate('manual');
    expect(status).toBe(200);
    expect(body.dkim).toMatchObject({
      current: 'one',
      next: 'two',
      previous: 'zero',
      heldBack: null,
    });
    expect(testEnvironment.forged).toEqual([]);
  });

  test('makes a new key for the slot of the previous one', async () => {
    await givenVerified();
    testEnvironment.pass(14 * DAYS);
    await rotate('manual');
    testEnvironment.pass(14 * DAYS);
    expect((await rotate('manual')).body.dkim).toMatchObject({ current: 'two', next: 'zero' });
    expect(testEnvironment.forged).toHaveLength(1);
    expect(testEnvironment.forged[0]).toMatchObject({ selector: 'zero', domain: 'example.com' });
    const { keys: listed } = await keys();
    expect(listed.map(({ selector, state }) => `${selector} ${state}`).toSorted()).toEqual([
      'one previous',
      'two current',
      'zero gone',
      'zero next',
    ]);
  });

  test('is 409 with the time that is left where it is not due', async () => {
    await givenVerified();
    testEnvironment.pass(13.5 * DAYS);
    const { status, body, headers } = await rotate('manual');
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'rotation-not-due', retryAfter: DAYS / 2 });
    expect(headers['retry-after']).toBe(String(DAYS / 2));
  });

  test('is 409 with what to repair where the DNS precheck is shut, and changes nothing', async () => {
    const claim = await givenVerified();
    point(claim, ['zero']);
    testEnvironment.pass(20 * DAYS);
    const { status, body } = await rotate('manual');
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'rotation-held-back' });
    expect(body['detail']).toContain('There is no record at one._domainkey.example.com');
    expect(await testEnvironment.claims.get(claim)).toEqual(claim);
    expect(testEnvironment.forged).toEqual([]);
  });

  test('waits for KMS a while, then asks to come again', async () => {
    await givenVerified();
    testEnvironment.pass(14 * DAYS);
    await rotate('manual');
    testEnvironment.pass(14 * DAYS);
    testEnvironment.forgeFailures.push(...Array.from({ length: 50 }, () => new Throttled('KMS')));
    expect((await rotate('manual')).status).toBe(503);
    testEnvironment.forgeFailures.length = 0;
    expect((await rotate('manual')).status).toBe(200);
  });

  test('is for verified domains only', async () => {
    await testEnvironment.claim('example.com');
    expect((await rotate('manual')).body).toMatchObject({
      status: 409,
      code: 'domain-not-verified',
    });
  });

  test.each([undefined, 'because', 7])('refuses the reason %j', async (reason) => {
    await givenVerified();
    expect((await rotate(reason)).status).toBe(400);
  });

  test("another tenant's domain is not there", async () => {
    const claim = await givenVerified();
    const as = givenClaim().tenant;
    const body = JSON.stringify({ reason: 'compromise' });
    const { status } = await testEnvironment.ask('POST', `${path}/rotations`, {
      as,
      headers: json,
      body,
    });
    expect(status).toBe(404);
    expect((await testEnvironment.ask('GET', `${path}/keys`, { as })).status).toBe(404);
    expect(await testEnvironment.revokedKeys.among(claim.keys.map(({ id }) => id))).toEqual(
      new Set(),
    );
  });
});

describe('POST /v1/domains/{name}/rotations, compromise', () => {
  test('revokes the key in the append-only table and in the ring, and the next one signs', async () => {
    const claim = await givenVerified();
    const { status, body } = await rotate('compromise');
    expect(status).toBe(200);
    expect(body.dkim).toMatchObject({ current: 'one', next: 'two' });
    expect(await testEnvironment.revokedKeys.among([claim.keys[0].id])).toEqual(
      new Set([claim.keys[0].id]),
    );
    const [zero] = (await testEnvironment.claims.get(claim))!.keys;
    expect(zero).toMatchObject({ id: claim.keys[0].id, state: 'revoked' });
    expect(testEnvironment.forged).toEqual([]);
  });

  test('sent again it revokes nothing more within the hour', async () => {
    const claim = await givenVerified();
    await rotate('compromise');
    const again = await rotate('compromise');
    expect(again.status).toBe(429);
    expect(again.body['retryAfter']).toBe(3_600);
    expect((await testEnvironment.claims.get(claim))!.keys.map(({ state }) => state)).toEqual([
      'revoked',
      'current',
      'next',
    ]);
  });

  test('leaves the last of three slots', async () => {
    await givenVerified();
    await rotate('compromise');
    testEnvironment.pass(2 * DAYS);
    expect((await rotate('compromise')).body.dkim).toMatchObject({ current: 'two', next: null });
    testEnvironment.pass(DAYS);
    const third = await rotate('compromise');
    expect(third).toMatchObject({ status: 429 });
    expect(third.body['retryAfter']).toBe(4 * DAYS);
  });

  test('pauses signing where no other key is found, says so, and is checked again', async () => {
    const claim = await givenVerified();
    point(claim, ['zero']);
    const { body } = await rotate('compromise');
    expect(body.dkim).toMatchObject({
      current: null,
      heldBack: { reason: 'paused', since: testEnvironment.now() },
    });
    expect(testEnvironment.rotationQueue.take()).toEqual([
      {
        request: { kind: 'mend', shard: claim.shard, label: claim.label },
        delaySeconds: 60,
      },
    ]);
    testEnvironment.pass(2 * 3_600);
    expect((await rotate('compromise')).body).toMatchObject({ code: 'rotation-held-back' });
  });
});

describe('GET /v1/domains/{name}/keys', () => {
  test('says which key signed from when to when, with its public part and nothing secret', async () => {
    const claim = await givenVerified();
    const born = testEnvironment.now();
    testEnvironment.pass(14 * DAYS);
    await rotate('manual');
    const rotated = testEnvironment.now();
    const history = await keys();
    expect(history.name).toBe('example.com');
    expect(history.keys).toHaveLength(3);
    expect(history.keys.find(({ selector }) => selector === 'zero')).toEqual({
      id: claim.keys[0].id,
      selector: 'zero',
      algorithm: 'rsa-sha256',
      publicKey: claim.keys[0].publicKey,
      state: 'previous',
      revoked: false,
      createdAt: born,
      signed: [{ from: born, to: rotated }],
      goneAt: null,
      disclosedPrivateKey: null,
      disclosedAt: null,
    });
    expect(history.keys.find(({ selector }) => selector === 'one')).toMatchObject({
      state: 'current',
      signed: [{ from: rotated, to: null }],
    });
    expect(history.keys.find(({ selector }) => selector === 'two')?.signed).toEqual([]);
    expect(JSON.stringify(history)).not.toContain(
      Buffer.from('wrapped').toString('base64').slice(0, 8),
    );
  });

  test('a key of a domain that was never verified has not signed', async () => {
    await testEnvironment.claim('example.com');
    const { keys: listed } = await keys();
    expect(listed.map(({ signed }) => signed)).toEqual([[], [], []]);
  });
});
