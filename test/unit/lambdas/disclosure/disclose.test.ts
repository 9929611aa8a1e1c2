import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Throttled } from '#shared/core/model/errors.ts';
import type { DisclosurePorts } from '../../../../lambdas/disclosure/ports.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { DisclosureWorld } from './world.ts';

/** Nothing of it is published, and its wrapped half is kept. */
async function expectWaiting(world: DisclosureWorld): Promise<void> {
  expect(await world.stored()).toMatchObject({ waiting: [{ id: world.key.id }], disclosed: [] });
}

async function expectDisclosed(world: DisclosureWorld): Promise<void> {
  const { waiting, disclosed } = await world.stored();
  expect(waiting).toEqual([]);
  expect(disclosed).toHaveLength(1);
  expect(world.isPair(createPrivateKey(disclosed[0]!.privateKey))).toBe(true);
  expect(JSON.stringify(disclosed)).not.toContain('wrapped');
  expect(await world.revokedKeys.among([world.key.id])).toEqual(new Set([world.key.id]));
}

async function expectDestroyed(world: DisclosureWorld): Promise<void> {
  expect(await world.stored()).toEqual({ waiting: [], disclosed: [] });
}

describe('a retired key whose public half is gone from DNS', () => {
  test.each(['rsa-sha256', 'ed25519-sha256'] as const)(
    'is disclosed a week after that was first seen, once: %s',
    async (algorithm) => {
      const world = await DisclosureWorld.given({}, algorithm);
      expect(await world.day(0)).toEqual(['gone']);
      for (let day = 1; day < 7; day += 1) expect(await world.day()).toEqual([]);
      await expectWaiting(world);
      expect(world.vault.unwraps).toBe(0);
      expect(await world.day()).toEqual(['disclosed']);
      await expectDisclosed(world);
      expect(await world.day(30)).toEqual([]);
      expect(world.vault.unwraps).toBe(1);
    },
  );

  test('waits until mail signed with it is 15 days old, however long it has been gone', async () => {
    const world = await DisclosureWorld.given({ lastSignedAt: '2026-10-31T06:00:00.000Z' });
    expect(await world.day(0)).toEqual(['gone']);
    expect(await world.day(13)).toEqual([]);
    expect(await world.day(1)).toEqual(['disclosed']);
  });
});

describe('what still verifies with it keeps it from being disclosed', () => {
  const places: [string, (world: DisclosureWorld) => void][] = [
    [
      'its own slot in our zone',
      (world) => world.hosted.set('zero', `v=DKIM1; k=ed25519; p=${world.key.publicKey}`),
    ],
    [
      'another slot in our zone',
      (world) => world.hosted.set('two', `v=DKIM1; k=ed25519; p=${world.key.publicKey}`),
    ],
    [
      "a copy at the customer's name, folded and quoted",
      (world) => {
        const { publicKey } = world.key;
        const text = `"v=DKIM1; k=ed25519; p=${publicKey.slice(0, 9)}" "${publicKey.slice(9).replace('=', '')}"`;
        const name = `zero._domainkey.${world.claim.domain}`;
        world.customer.set('zero', { name, type: 'TXT', value: text });
      },
    ],
    [
      'a name elsewhere that the customer points at',
      (world) => {
        const { publicKey, domain } = world.key;
        world.dns.zone('elsewhere.test', [
          { name: 'key.elsewhere.test', type: 'TXT', value: `v=DKIM1; p=${publicKey}` },
        ]);
        const name = `one._domainkey.${domain}`;
        world.customer.set('one', { name, type: 'CNAME', value: 'key.elsewhere.test' });
      },
    ],
  ];

  test.each(places)('%s', async (_, plant) => {
    const world = await DisclosureWorld.given();
    plant(world);
    world.answer();
    for (let day = 0; day < 20; day += 1) expect(await world.day()).toEqual(['there']);
    await expectWaiting(world);
    // Gone at last: the week begins now.
    world.hosted.clear();
    world.customer.clear();
    world.answer();
    expect(await world.day()).toEqual(['gone']);
    expect(await world.day(6)).toEqual([]);
    expect(await world.day()).toEqual(['disclosed']);
  });

  test.each(places)('%s, seen again after the week', async (_, plant) => {
    const world = await DisclosureWorld.given();
    expect(await world.day(0)).toEqual(['gone']);
    plant(world);
    world.answer();
    expect(await world.day(7)).toEqual(['there']);
    world.hosted.clear();
    world.customer.clear();
    world.answer();
    expect(await world.day()).toEqual(['gone']);
    expect(world.vault.unwraps).toBe(0);
  });

  test.each(['s1.sd.example.net', 'example.com'])('%s being silent: nobody knows', async (zone) => {
    const world = await DisclosureWorld.given();
    expect(await world.day(0)).toEqual(['gone']);
    world.dns.silence(zone);
    expect(await world.day(7)).toEqual(['unknown']);
    await expectWaiting(world);
    world.dns.silence(zone, false);
    expect(await world.day()).toEqual(['disclosed']);
  });

  test('its being in the ring again, after a restored backup', async () => {
    const world = await DisclosureWorld.given();
    expect(await world.day(0)).toEqual(['gone']);
    const [, one, two] = world.claim.keys;
    const { id, selector, algorithm, publicKey, wrappedPrivateKey, createdAt } = world.key;
    const material = { id, selector, algorithm, publicKey, wrappedPrivateKey, createdAt };
    await world.change({ keys: [{ ...material, state: 'previous' }, one, two] });
    expect(await world.day(7)).toEqual(['in-ring']);
    await expectWaiting(world);
    expect(world.vault.unwraps).toBe(0);
  });

  test('its domain being lost to a rival', async () => {
    const world = await DisclosureWorld.given();
    await world.change({ status: 'lost' });
    expect(await world.day(0)).toEqual(['not-proven']);
    expect(await world.day(30)).toEqual(['not-proven']);
    await expectWaiting(world);
  });
});

describe('a consent that is withdrawn', () => {
  test.each([
    ['by the tenant', (world: DisclosureWorld) => world.change({ disclosure: undefined })],
    [
      'and given again, which is another one',
      (world: DisclosureWorld) =>
        world.change({ disclosure: { consentedAt: '2026-11-05T00:00:00.000Z' } }),
    ],
    ['by deleting the domain', (world: DisclosureWorld) => world.change({ lifecycle: 'deleting' })],
  ])('%s, has the private half destroyed unread', async (_, withdraw) => {
    const world = await DisclosureWorld.given();
    expect(await world.day(0)).toEqual(['gone']);
    await withdraw(world);
    expect(await world.day(7)).toEqual(['withdrawn']);
    await expectDestroyed(world);
    expect(world.vault.unwraps).toBe(0);
  });

  test('while the key is being unwrapped: it is not published', async () => {
    const world = await DisclosureWorld.given();
    await world.day(0);
    const unwrap = world.vault.unwrap.bind(world.vault);
    world.vault.unwrap = async (wrapped, context) => {
      await world.change({ disclosure: undefined });
      return unwrap(wrapped, context);
    };
    expect(await world.day(7)).toEqual([]);
    await expectWaiting(world);
    expect(await world.day()).toEqual(['withdrawn']);
    await expectDestroyed(world);
  });
});

describe('a wrapped key that is not what it should be', () => {
  test('another key’s private half is destroyed, not published', async () => {
    const other = await DisclosureWorld.given();
    const world = await DisclosureWorld.given({ publicKey: other.key.publicKey });
    await world.day(0);
    expect(await world.day(7)).toEqual(['unusable']);
    await expectDestroyed(world);
  });

  test('one that cannot be unwrapped is destroyed', async () => {
    const world = await DisclosureWorld.given({ selector: deployment.selectors[2] });
    await world.day(0);
    expect(await world.day(7)).toEqual(['unusable']);
    await expectDestroyed(world);
  });
});

test('KMS being out postpones it, and holds up no other key', async () => {
  const world = await DisclosureWorld.given();
  await world.day(0);
  world.vault.failing.push(new Throttled('KMS'));
  await expect(world.day(7)).rejects.toThrow('1 keys could not be looked at');
  await expectWaiting(world);
  expect(await world.day(0)).toEqual(['disclosed']);
  await expectDisclosed(world);
});

/** A disclosure on the day it is due, that dies at its n-th call. */
async function play(dieAt: number, when: 'before' | 'after'): Promise<string[]> {
  const world = await DisclosureWorld.given();
  await world.day(0);
  const mortal = mortalPorts(world.ports, dieAt, when);
  await world.day(7, mortal.ports).catch((error: Error) => {
    expect(error.message).toMatch(/dead|could not be looked at/);
  });
  await world.day(1);
  await expectDisclosed(world);
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
