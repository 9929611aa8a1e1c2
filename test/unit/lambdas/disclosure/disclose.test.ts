import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Throttled } from '#shared/core/model/errors.ts';
import type { DisclosurePorts } from '../../../../lambdas/disclosure/ports.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { DisclosureTestEnvironment } from './test-environment.ts';

/** Nothing of it is published, and its wrapped half is kept. */
async function expectWaiting(testEnvironment: DisclosureTestEnvironment): Promise<void> {
  expect(await testEnvironment.stored()).toMatchObject({
    waiting: [{ id: testEnvironment.key.id }],
    disclosed: [],
  });
}

async function expectDisclosed(testEnvironment: DisclosureTestEnvironment): Promise<void> {
  const { waiting, disclosed } = await testEnvironment.stored();
  expect(waiting).toEqual([]);
  expect(disclosed).toHaveLength(1);
  expect(testEnvironment.isPair(createPrivateKey(disclosed[0]!.privateKey))).toBe(true);
  expect(JSON.stringify(disclosed)).not.toContain('wrapped');
  expect(await testEnvironment.revokedKeys.among([testEnvironment.key.id])).toEqual(
    new Set([testEnvironment.key.id]),
  );
}

async function expectDestroyed(testEnvironment: DisclosureTestEnvironment): Promise<void> {
  expect(await testEnvironment.stored()).toEqual({ waiting: [], disclosed: [] });
}

describe('a retired key whose public half is gone from DNS', () => {
  test.each(['rsa-sha256', 'ed25519-sha256'] as const)(
    'is disclosed a week after that was first seen, once: %s',
    async (algorithm) => {
      const testEnvironment = await DisclosureTestEnvironment.given({}, algorithm);
      expect(await testEnvironment.day(0)).toEqual(['gone']);
      for (let day = 1; day < 7; day += 1) expect(await testEnvironment.day()).toEqual([]);
      await expectWaiting(testEnvironment);
      expect(testEnvironment.vault.unwraps).toBe(0);
      expect(await testEnvironment.day()).toEqual(['disclosed']);
      await expectDisclosed(testEnvironment);
      expect(await testEnvironment.day(30)).toEqual([]);
      expect(testEnvironment.vault.unwraps).toBe(1);
    },
  );

  test('waits until mail signed with it is 15 days old, however long it has been gone', async () => {
    const testEnvironment = await DisclosureTestEnvironment.given({
      lastSignedAt: '2026-10-31T06:00:00.000Z',
    });
    expect(await testEnvironment.day(0)).toEqual(['gone']);
    expect(await testEnvironment.day(13)).toEqual([]);
    expect(await testEnvironment.day(1)).toEqual(['disclosed']);
  });
});

describe('what still verifies with it keeps it from being disclosed', () => {
  const places: [string, (testEnvironment: DisclosureTestEnvironment) => void][] = [
    [
      'its own slot in our zone',
      (testEnvironment) =>
        testEnvironment.hosted.set(
          'zero',
          `v=DKIM1; k=ed25519; p=${testEnvironment.key.publicKey}`,
        ),
    ],
    [
      'another slot in our zone',
      (testEnvironment) =>
        testEnvironment.hosted.set('two', `v=DKIM1; k=ed25519; p=${testEnvironment.key.publicKey}`),
    ],
    [
      "a copy at the customer's name, folded and quoted",
      (testEnvironment) => {
        const { publicKey } = testEnvironment.key;
        const text = `"v=DKIM1; k=ed25519; p=${publicKey.slice(0, 9)}" "${publicKey.slice(9).replace('=', '')}"`;
        const name = `zero._domainkey.${testEnvironment.claim.domain}`;
        testEnvironment.customer.set('zero', { name, type: 'TXT', value: text });
      },
    ],
    [
      'a name elsewhere that the customer points at',
      (testEnvironment) => {
        const { publicKey, domain } = testEnvironment.key;
        testEnvironment.dns.zone('elsewhere.test', [
          { name: 'key.elsewhere.test', type: 'TXT', value: `v=DKIM1; p=${publicKey}` },
        ]);
        const name = `one._domainkey.${domain}`;
        testEnvironment.customer.set('one', { name, type: 'CNAME', value: 'key.elsewhere.test' });
      },
    ],
  ];

  test.each(places)('%s', async (_, plant) => {
    const testEnvironment = await DisclosureTestEnvironment.given();
    plant(testEnvironment);
    testEnvironment.answer();
    for (let day = 0; day < 20; day += 1) expect(await testEnvironment.day()).toEqual(['there']);
    await expectWaiting(testEnvironment);
    // Gone at last: the week begins now.
    testEnvironment.hosted.clear();
    testEnvironment.customer.clear();
    testEnvironment.answer();
    expect(await testEnvironment.day()).toEqual(['gone']);
    expect(await testEnvironment.day(6)).toEqual([]);
    expect(await testEnvironment.day()).toEqual(['disclosed']);
  });

  test.each(places)('%s, seen again after the week', async (_, plant) => {
    const testEnvironment = await DisclosureTestEnvironment.given();
    expect(await testEnvironment.day(0)).toEqual(['gone']);
    plant(testEnvironment);
    testEnvironment.answer();
    expect(await testEnvironment.day(7)).toEqual(['there']);
    testEnvironment.hosted.clear();
    testEnvironment.customer.clear();
    testEnvironment.answer();
    expect(await testEnvironment.day()).toEqual(['gone']);
    expect(testEnvironment.vault.unwraps).toBe(0);
  });

  test.each(['s1.sd.example.net', 'example.com'])('%s being silent: unknown', async (zone) => {
    const testEnvironment = await DisclosureTestEnvironment.given();
    expect(await testEnvironment.day(0)).toEqual(['gone']);
    testEnvironment.dns.silence(zone);
    expect(await testEnvironment.day(7)).toEqual(['unknown']);
    await expectWaiting(testEnvironment);
    testEnvironment.dns.silence(zone, false);
    expect(await testEnvironment.day()).toEqual(['disclosed']);
  });

  test('its being in the ring again, after a restored backup', async () => {
    const testEnvironment = await DisclosureTestEnvironment.given();
    expect(await testEnvironment.day(0)).toEqual(['gone']);
    const [, one, two] = testEnvironment.claim.keys;
    const { id, selector, algorithm, publicKey, wrappedPrivateKey, createdAt } =
      testEnvironment.key;
    const material = { id, selector, algorithm, publicKey, wrappedPrivateKey, createdAt };
    await testEnvironment.change({ keys: [{ ...material, state: 'previous' }, one, two] });
    expect(await testEnvironment.day(7)).toEqual(['in-ring']);
    await expectWaiting(testEnvironment);
    expect(testEnvironment.vault.unwraps).toBe(0);
  });

  test('its domain being lost to a rival', async () => {
    const testEnvironment = await DisclosureTestEnvironment.given();
    await testEnvironment.change({ status: 'lost' });
    expect(await testEnvironment.day(0)).toEqual(['not-proven']);
    expect(await testEnvironment.day(30)).toEqual(['not-proven']);
    await expectWaiting(testEnvironment);
  });
});

describe('a consent that is withdrawn', () => {
  test.each([
    [
      'by the tenant',
      (testEnvironment: DisclosureTestEnvironment) =>
        testEnvironment.change({ disclosure: undefined }),
    ],
    [
      'and given again, which is another one',
      (testEnvironment: DisclosureTestEnvironment) =>
        testEnvironment.change({ disclosure: { consentedAt: '2026-11-05T00:00:00.000Z' } }),
    ],
    [
      'by deleting the domain',
      (testEnvironment: DisclosureTestEnvironment) =>
        testEnvironment.change({ lifecycle: 'deleting' }),
    ],
  ])('%s, has the private half destroyed unread', async (_, withdraw) => {
    const testEnvironment = await DisclosureTestEnvironment.given();
    expect(await testEnvironment.day(0)).toEqual(['gone']);
    await withdraw(testEnvironment);
    expect(await testEnvironment.day(7)).toEqual(['withdrawn']);
    await expectDestroyed(testEnvironment);
    expect(testEnvironment.vault.unwraps).toBe(0);
  });

  test('while the key is being unwrapped: it is not published', async () => {
    const testEnvironment = await DisclosureTestEnvironment.given();
    await testEnvironment.day(0);
    const unwrap = testEnvironment.vault.unwrap.bind(testEnvironment.vault);
    testEnvironment.vault.unwrap = async (wrapped, context) => {
      await testEnvironment.change({ disclosure: undefined });
      return unwrap(wrapped, context);
    };
    expect(await testEnvironment.day(7)).toEqual([]);
    await expectWaiting(testEnvironment);
    expect(await testEnvironment.day()).toEqual(['withdrawn']);
    await expectDestroyed(testEnvironment);
  });
});

describe('a wrapped key that is not what it should be', () => {
  test('another key’s private half is destroyed, not published', async () => {
    const other = await DisclosureTestEnvironment.given();
    const testEnvironment = await DisclosureTestEnvironment.given({
      publicKey: other.key.publicKey,
    });
    await testEnvironment.day(0);
    expect(await testEnvironment.day(7)).toEqual(['unusable']);
    await expectDestroyed(testEnvironment);
  });

  test('one that cannot be unwrapped is destroyed', async () => {
    const testEnvironment = await DisclosureTestEnvironment.given({
      selector: deployment.selectors[2],
    });
    await testEnvironment.day(0);
    expect(await testEnvironment.day(7)).toEqual(['unusable']);
    await expectDestroyed(testEnvironment);
  });
});

test('KMS being out postpones it, and holds up no other key', async () => {
  const testEnvironment = await DisclosureTestEnvironment.given();
  await testEnvironment.day(0);
  testEnvironment.vault.failing.push(new Throttled('KMS'));
  await expect(testEnvironment.day(7)).rejects.toThrow('1 keys could not be looked at');
  await expectWaiting(testEnvironment);
  expect(await testEnvironment.day(0)).toEqual(['disclosed']);
  await expectDisclosed(testEnvironment);
});

/** A disclosure on the day it is due, that dies at its n-th call. */
async function play(dieAt: number, when: 'before' | 'after'): Promise<string[]> {
  const testEnvironment = await DisclosureTestEnvironment.given();
  await testEnvironment.day(0);
  const mortal = mortalPorts(testEnvironment.ports, dieAt, when);
  await testEnvironment.day(7, mortal.ports).catch((error: Error) => {
    expect(error.message).toMatch(/dead|could not be looked at/);
  });
  await testEnvironment.day(1);
  await expectDisclosed(testEnvironment);
  return mortal.calls;
}

describe('a function that dies', () => {
  const expected = [
    'disclosures.due',
    'claims.getByLabel',
    ...Array.from({ length: 3 }, () => [
      'resolver.authoritative',
      'resolver.authoritative',
      'resolver.lookupEverywhere',
    ]).flat(),
    'revokedKeys.add',
    'vault.unwrap',
    'disclosures.publish',
  ];
  test('the steps are those that this suite dies at', async () => {
    expect(await play(0, 'before')).toEqual(expected);
  });

  const steps = expected.flatMap((name, index) =>
    (['before', 'after'] as const).map((when) => [index + 1, when, name] as const),
  );
  test.each(steps)('at step %i, %s %s, has it disclosed the next day', async (dieAt, when) => {
    expect((await play(dieAt, when)).length).toBeGreaterThanOrEqual(dieAt);
  });
});

type Calls = Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>;

function mortalPorts(ports: DisclosurePorts, dieAt: number, when: 'before' | 'after') {
  const calls: string[] = [];
  let dead = false;
  const wrapped: Record<string, unknown> = { ...ports };
  for (const port of ['claims', 'disclosures', 'revokedKeys', 'resolver', 'vault']) {
    const target = (ports as unknown as Calls)[port]!;
    wrapped[port] = new Proxy(target, {
      get:
        (_, method: string) =>
        async (...args: unknown[]) => {
          if (dead) throw new Error('dead');
          calls.push(`${port}.${method}`);
          const last = calls.length === dieAt;
          if (last && when === 'before') dead = true;
          const result = dead ? undefined : await target[method]!(...args);
          if (last) dead = true;
          if (dead) throw new Error('dead');
          return result;
        },
    });
  }
  return { ports: wrapped as unknown as DisclosurePorts, calls };
}
