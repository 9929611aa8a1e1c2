import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maintainZone } from '#shared/app/delegation/maintain-zone.ts';
import type { ZoneHost } from '#shared/app/ports/delegated-zones.ts';
import type { DelegationRequest } from '#shared/app/ports/queues.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Label } from '#shared/core/model/names.ts';
import { HOUR_MS } from '#shared/core/time.ts';
import { isLong } from '../../../support/long.ts';
import { DOMAIN, GivenDelegation } from './given-delegation.ts';

const RUNS = isLong ? 600 : 30;
const STRANGER = 'ns1.provider.example';

/** The customer's zone, by whose servers it names; 0, 1 and 2 are the labels of three tenants. */
const named = fc.constantFrom<readonly (0 | 1 | 2 | 's')[]>(
  [],
  [0],
  [1],
  [2],
  [0, 1],
  [1, 2],
  [0, 's'],
  ['s'],
);
const who = fc.constantFrom(0, 1, 2);

/** What customers, tenants, the checker, the queue and crashes do. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), named }),
  fc.record({ kind: fc.constant('delegate' as const), who }),
  fc.record({ kind: fc.constant('check' as const), who }),
  fc.record({ kind: fc.constant('end' as const), who }),
  fc.record({ kind: fc.constant('hour' as const) }),
  fc.record({
    kind: fc.constant('work' as const),
    // The passes that are under way at once, with how long each waits between its calls.
    passes: fc.array(
      fc.record({
        who,
        waits: fc.infiniteStream(fc.nat(3)),
        /** The call after which the function dies. */
        dies: fc.option(fc.nat(12), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);

class Died extends Error {}

const request = ({ tenant, domain, label }: Claim): DelegationRequest => ({
  tenant,
  domain,
  label,
});

/** Calls of Route 53 that take their time, and of which one is the function's last. */
function interleaved(host: ZoneHost, waits: Iterator<number>, dies: number | undefined): ZoneHost {
  let calls = 0;
  return new Proxy(host, {
    get(target, name) {
      const call = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
      return async (...given: unknown[]) => {
        for (let turn = Number(waits.next().value); turn > 0; turn -= 1) await Promise.resolve();
        const answer = await call.apply(target, given);
        calls += 1;
        if (calls > (dies ?? Infinity)) throw new Died();
        for (let turn = Number(waits.next().value); turn > 0; turn -= 1) await Promise.resolve();
        return answer;
      };
    },
  });
}

test('whatever order things happen in, a delegation leads to whom it names, or to nobody', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 6, maxLength: 14, size: 'max' }),
      async (steps) => {
        const given = new GivenDelegation();
        const claims = [await given.claim(), await given.claim(), await given.claim()];
        const labels = claims.map(({ label }) => label);
        /** The labels that the customer's zone named alone at some time. */
        const allowed = new Set<Label>();
        const requireSafe = (): void => {
          expect(given.shown().every((label) => allowed.has(label))).toBe(true);
          const open = labels.filter(given.hasAddress);
          expect(open.every((label) => allowed.has(label))).toBe(true);
          const zones = [...given.host.zones.values()].filter(({ domain }) => domain === DOMAIN);
          expect(zones.length).toBeLessThanOrEqual(1);
          // Without a zone of ours, anybody's on these servers would answer.
          if (open.length > 0) expect(zones).toHaveLength(1);
        };
        const proven = async (): Promise<readonly Label[]> => {
          const now = await Promise.all(labels.map((label) => given.env.claims.getByLabel(label)));
          return now.flatMap((claim) =>
            claim?.lifecycle === 'live' && claim.status === 'verified' ? [claim.label] : [],
          );
        };
        for (const one of steps) {
          switch (one.kind) {
            case 'publish': {
              given.publish(
                ...one.named.map((of) => (of === 's' ? STRANGER : given.serverOf(claims[of]!))),
              );
              const [only] = one.named;
              if (one.named.length === 1 && only !== 's') allowed.add(labels[only!]!);
              break;
            }
            case 'delegate':
              given.publish(given.serverOf(claims[one.who]!));
              allowed.add(labels[one.who]!);
              for (let pass = 0; pass < 3; pass += 1) {
                await given.maintain(request(claims[one.who]!));
                requireSafe();
              }
              break;
            case 'check': {
              const claim = claims[one.who]!;
              if ((await given.env.claims.getByLabel(claim.label))?.lifecycle === 'live') {
                await given.check(claim);
              }
              break;
            }
            case 'end': {
              const claim = await given.env.claims.getByLabel(labels[one.who]!);
              if (claim?.lifecycle !== 'live') break;
              const next = {
                ...claim,
                version: claim.version + 1,
                lifecycle: 'tombstone' as const,
              };
              await given.env.claims.retire(claim, next);
              await given.queue.send([request(claim)]);
              break;
            }
            case 'hour':
              given.env.advance(HOUR_MS);
              break;
            case 'work':
              given.sync();
              await Promise.all(
                one.passes.map(async ({ who: of, waits, dies }) => {
                  const host = interleaved(given.host, waits[Symbol.iterator](), dies);
                  const pass = (): Promise<void> =>
                    maintainZone(request(claims[of]!), { ...given.ports, host });
                  // What fails comes again by the queue.
                  const again = (): Promise<void> => given.queue.send([request(claims[of]!)]);
                  await pass().then(pass).then(pass).catch(again);
                }),
              );
              break;
          }
          requireSafe();
          expect((await proven()).every((label) => allowed.has(label))).toBe(true);
        }
        // Once all is done, the delegation leads to the one that it names, if it is live.
        for (let round = 0; round < 4; round += 1) {
          given.env.advance(HOUR_MS);
          for (const claim of claims) {
            if ((await given.env.claims.getByLabel(claim.label))?.lifecycle === 'live') {
              await given.check(claim);
            }
          }
          for (const { request: waiting } of given.queue.take()) {
            await given.maintain(waiting).catch(() => given.queue.send([waiting]));
            requireSafe();
          }
        }
        given.sync();
        const live = await Promise.all(
          claims.map(({ label }) => given.env.claims.getByLabel(label)),
        );
        const wanted = live.flatMap((claim) =>
          claim?.lifecycle === 'live' && given.named.join() === given.serverOf(claim)
            ? [claim.label]
            : [],
        );
        if (wanted.length > 0) {
          expect(given.shown()).toEqual(wanted);
          expect(labels.filter(given.hasAddress)).toEqual(wanted);
          expect(await proven()).toEqual(wanted);
        }
        const owner = given.zones.items.get(DOMAIN)?.label;
        expect(labels.filter((label) => label !== owner && given.hasAddress(label))).toEqual([]);
        for (const [index, claim] of live.entries()) {
          if (claim?.lifecycle !== 'live') expect(given.hasAddress(labels[index]!)).toBe(false);
        }
      },
    ),
    { numRuns: RUNS },
  );
});
