import { beforeEach, describe, expect, test } from 'vitest';
import type { KeyHistory } from '#shared/api/routes/keys.ts';
import { keysToDisclose } from '#shared/core/model/disclosure.ts';
import { keysGone, type KeyRing } from '#shared/core/model/key-ring.ts';
import { keyIdOf, type DomainName } from '#shared/core/model/names.ts';
import { givenTestEnvironment } from './test-environment.ts';

const path = '/v1/domains/example.com';
let testEnvironment: ReturnType<typeof givenTestEnvironment>;

const patch = (body: unknown) =>
  testEnvironment.ask('PATCH', path, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const stored = async () =>
  (await testEnvironment.claims.get({
    tenant: testEnvironment.tenant,
    domain: 'example.com' as DomainName,
  }))!;
const history = async () => {
  const { text, body } = await testEnvironment.ask('GET', `${path}/keys`);
  return { text, keys: (body as unknown as KeyHistory).keys };
};

/** The first key, which has signed, leaves the ring; what is kept of it is said by the claim. */
async function retireFirst(): Promise<void> {
  const claim = await stored();
  const [first, one, two] = claim.keys;
  const signed: KeyRing = [{ ...first, lastSignedAt: testEnvironment.now() }, one, two];
  const fresh = { ...first, id: keyIdOf(new Uint8Array(16).fill(7)), state: 'next' as const };
  const after: KeyRing = [fresh, one, two];
  await testEnvironment.claims.changeKeys(
    claim,
    { ...claim, version: claim.version + 1, keys: after },
    keysGone(signed, after, testEnvironment.now()),
    keysToDisclose({ ...claim, keys: signed }, after, testEnvironment.now()),
  );
}

beforeEach(async () => {
  testEnvironment = givenTestEnvironment();
  await testEnvironment.claim('example.com');
});

describe('PATCH dkim.disclosure', () => {
  test('is off until the tenant says so; saying it again changes nothing', async () => {
    expect((await testEnvironment.ask('GET', path)).body.dkim.disclosure).toBe(false);
    const consentedAt = testEnvironment.now();
    const { status, body } = await patch({ dkim: { disclosure: true } });
    expect(status).toBe(200);
    expect(body.dkim.disclosure).toBe(true);
    testEnvironment.pass(60);
    await patch({ dkim: { disclosure: true } });
    expect(await stored()).toMatchObject({ version: 2, disclosure: { consentedAt } });
  });

  test('without it a retired key leaves no private half', async () => {
    await retireFirst();
    expect(await testEnvironment.claims.disclosures.of((await stored()).label)).toEqual({
      waiting: [],
      disclosed: [],
    });
  });

  test('false destroys what waits, though the consent was withdrawn before', async () => {
    await patch({ dkim: { disclosure: true } });
    await retireFirst();
    const { label } = await stored();
    const [kept] = (await testEnvironment.claims.disclosures.of(label)).waiting;
    await patch({ dkim: { disclosure: false } });
    expect((await testEnvironment.claims.disclosures.of(label)).waiting).toEqual([]);
    expect(await stored()).not.toHaveProperty('disclosure');
    // As if the first request had died between its two writes.
    testEnvironment.claims.disclosures.add(kept!);
    expect((await patch({ dkim: { disclosure: false } })).status).toBe(200);
    expect((await testEnvironment.claims.disclosures.of(label)).waiting).toEqual([]);
  });

  test('given again it is another consent', async () => {
    await patch({ dkim: { disclosure: true } });
    const first = (await stored()).disclosure!.consentedAt;
    await patch({ dkim: { disclosure: false } });
    testEnvironment.pass(1);
    await patch({ dkim: { disclosure: true } });
    expect((await stored()).disclosure!.consentedAt > first).toBe(true);
  });

  test('is refused where the operator offers none, but can always be withdrawn', async () => {
    Object.assign(testEnvironment.ports, { discloses: false });
    const { status, body } = await patch({ dkim: { disclosure: true } });
    expect({ status, code: body['code'] }).toEqual({ status: 409, code: 'disclosure-not-offered' });
    expect((await patch({ dkim: { disclosure: false } })).status).toBe(200);
  });

  test.each([{ dkim: {} }, { dkim: { disclosure: 'yes' } }, { dkim: { publish: true } }])(
    '%j is refused',
    async (body) => {
      expect((await patch(body)).body['code']).toBe('invalid-body');
    },
  );
});

describe('GET keys', () => {
  test('never shows a private key that waits, and shows one that is disclosed', async () => {
    await patch({ dkim: { disclosure: true } });
    await retireFirst();
    const claim = await stored();
    const [waiting] = (await testEnvironment.claims.disclosures.of(claim.label)).waiting;
    const before = await history();
    expect(before.text).not.toContain(waiting!.wrappedPrivateKey);
    expect(before.keys.map((key) => key.disclosedPrivateKey)).toEqual([null, null, null, null]);
    const { id, label } = waiting!;
    const disclosed = { id, label, privateKey: 'the PEM', disclosedAt: testEnvironment.now() };
    await testEnvironment.claims.disclosures.publish(waiting!, disclosed, claim);
    const shown = (await history()).keys.filter((key) => key.disclosedPrivateKey !== null);
    expect(shown).toMatchObject([
      { id, state: 'gone', disclosedPrivateKey: 'the PEM', disclosedAt: testEnvironment.now() },
    ]);
  });
});
