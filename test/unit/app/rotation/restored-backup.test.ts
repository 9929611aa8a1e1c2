import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import { revokeSigningKey } from '#shared/app/rotation/revoke-signing-key.ts';
import { isLong } from '../../../support/long.ts';
import { DAY, HOUR, slotName, TestEnvironment } from './test-environment.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const MONTHS = 4;
const END = Date.UTC(2026, MONTHS, 20);

type Step =
  | { readonly kind: 'compromise'; readonly at: number }
  /** The claims table is restored to what it was so many days before. */
  | { readonly kind: 'restore'; readonly at: number; readonly back: number };

const day = fc.integer({ min: 1, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('compromise'), at: day }),
  fc.record({ kind: fc.constant('restore'), at: day, back: fc.integer({ min: 1, max: 60 }) }),
);

/** A domain that rotates every month, is compromised, and whose claim falls back to older states. */
class Restored {
  readonly testEnvironment = new TestEnvironment();
  readonly revoked = new Map<string, { readonly publicKey: string; readonly at: number }>();
  readonly wrong: string[] = [];
  readonly #states: { readonly at: number; readonly claim: Claim }[] = [];
  #claim: Claim | undefined;

  async play(steps: readonly Step[]): Promise<void> {
    const { testEnvironment } = this;
    this.#claim = await testEnvironment.givenVerified();
    for (let month = 1; month <= MONTHS; month += 1) {
      testEnvironment.schedule(new Date(Date.UTC(2026, month, 1, 3)).toISOString());
    }
    for (let at = START + 5 * HOUR; at < END; at += DAY)
      testEnvironment.at(at, () => testEnvironment.retry());
    for (const { kind, at, ...more } of steps) {
      const back = 'back' in more ? more.back : 0;
      // Beside the rounds of every six hours, which have checked before.
      testEnvironment.at(START + at * DAY + HOUR, () =>
        kind === 'compromise' ? this.#compromise() : this.#restore(back),
      );
    }
    for (let at = START + 6 * HOUR; at < END; at += 6 * HOUR)
      testEnvironment.at(at, () => this.#sample());
    await testEnvironment.until(END);
  }

  get present(): Promise<Claim> {
    return this.testEnvironment.claim(this.#claim!);
  }

  async #compromise(): Promise<void> {
    const claim = await this.present;
    const key = currentKey(claim.keys);
    const shown = claim.keys.filter(({ id }) => this.revoked.has(id));
    // As the API has it: the last slot of three is not given up.
    if (key === undefined || this.revoked.has(key.id) || shown.length === 2) return;
    const { publicKey } = key;
    this.revoked.set(key.id, { publicKey, at: this.testEnvironment.now.getTime() });
    await revokeSigningKey(claim, key.id, this.testEnvironment.workerPorts);
  }

  async #restore(days: number): Promise<void> {
    const then = this.testEnvironment.now.getTime() - days * DAY;
    const state = this.#states.findLast(({ at }) => at <= then) ?? this.#states[0]!;
    await this.testEnvironment.claims.update(await this.present, state.claim);
  }

  async #sample(): Promise<void> {
    const { testEnvironment } = this;
    const now = testEnvironment.now.getTime();
    const claim = await this.present;
    this.#states.push({ at: now, claim });
    const mail = await testEnvironment.send(claim);
    if (mail !== undefined && this.revoked.has(mail.keyId)) {
      this.wrong.push(`${mail.keyId} signs at ${testEnvironment.now.toISOString()}`);
    }
    for (const [id, { publicKey, at }] of this.revoked) {
      const isShown = claim.keys.some(({ selector }) =>
        testEnvironment.dns
          .honest(slotName(claim, selector))
          .values.some((text) => text.includes(publicKey)),
      );
      if (isShown && now > at + HOUR) {
        this.wrong.push(`${id} is published at ${testEnvironment.now.toISOString()}`);
      }
    }
    // The hourly check of a domain that sends, which does not find the key that should sign.
    const key = currentKey(claim.keys);
    const found = key && testEnvironment.dns.honest(slotName(claim, key.selector)).values[0];
    if (key === undefined || found?.endsWith(`p=${key.publicKey}`) !== true) {
      const { shard, label } = claim;
      await testEnvironment.rotationQueue.send([{ kind: 'mend', shard, label }]);
    }
  }
}

/** A failure prints the seed that reproduces it. */
const numRuns = isLong ? 1_000 : 12;

test(
  'a revoked key never signs again and is never published again, with the claims table restored to any state',
  async () => {
    const steps = fc.array(step, { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, async (some) => {
        const restored = new Restored();
        await restored.play(some);
        expect(restored.wrong).toEqual([]);
        expect(restored.testEnvironment.dead).toEqual([]);
        // And the domain can send: what was restored is repaired by checks and the daily retry.
        expect(await restored.testEnvironment.send(await restored.present)).toBeDefined();
      }),
      { numRuns },
    );
  },
  1_000 * Math.max(120, numRuns * 5),
);

test('the very key that was revoked yesterday, in a table of the day before', async () => {
  const restored = new Restored();
  await restored.play([
    { kind: 'compromise', at: 40 },
    { kind: 'restore', at: 41, back: 2 },
  ]);
  expect(restored.revoked.size).toBe(1);
  expect(restored.wrong).toEqual([]);
  const { keys } = await restored.present;
  expect(keys.every(({ id }) => !restored.revoked.has(id))).toBe(true);
});
