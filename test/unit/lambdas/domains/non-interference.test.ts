import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLong } from '../../../support/long.ts';
import { TwoTenants, type Who } from './two-services.ts';

/** The long form takes a quarter of an hour. */
const LONGEST_MS = isLong ? 7_200_000 : 120_000;

/** What happens to both services alike. */
type Step =
  | { readonly do: 'claim' | 'delete' | 'check'; readonly who: Who }
  | { readonly do: 'hold' | 'turn' | 'read' }
  | { readonly do: 'publish' | 'fill'; readonly is: boolean }
  | { readonly do: 'wait'; readonly seconds: number };

const who = fc.constantFrom<Who>('mine', 'rival');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delete' as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('check' as const), who }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('turn' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('hold', 'read') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('publish' as const), is: fc.boolean() }) },
  fc.record({ do: fc.constant('fill' as const), is: fc.boolean() }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 6, 900, 7_200, 8 * 86_400),
    }),
  },
);

async function take(service: TwoTenants, one: Step): Promise<unknown> {
  switch (one.do) {
    case 'claim':
      return service.claim(one.who);
    case 'delete':
      return service.delete(one.who);
    case 'check':
      return service.check(one.who);
    case 'publish':
      return service.publish(one.is);
    case 'fill':
      return service.fill(one.is);
    case 'wait':
      return service.wait(one.seconds);
    case 'read':
      return service.seen();
    case 'hold':
      return service.hold();
    case 'turn':
      return service.turn();
  }
}

/** What I see of both services as they go through the same story: each answer, then everything. */
async function seenBy(services: readonly TwoTenants[], steps: readonly Step[]) {
  const seen = services.map((): unknown[] => []);
  for (const one of steps) {
    for (const [index, service] of services.entries()) {
      const answer = await take(service, one);
      if (!('who' in one) || one.who === 'mine') seen[index]?.push(answer);
    }
  }
  for (const [index, service] of services.entries()) {
    for (let turn = 0; turn < 4; turn += 1) await service.turn();
    seen[index]?.push(await service.seen());
  }
  return seen;
}

const stories = fc.array(step, { minLength: 5, maxLength: 40, size: 'max' });

test(
  'whatever a rival does with the same domain, a tenant sees what it would see without',
  async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (steps) => {
        const [same, other] = await seenBy(
          [new TwoTenants('same'), new TwoTenants('other')],
          // The rival was there before, which is what there is to find out.
          [{ do: 'claim', who: 'rival' }, { do: 'turn' }, { do: 'claim', who: 'mine' }, ...steps],
        );
        expect(same).toEqual(other);
      }),
      { numRuns: isLong ? 12_000 : 60 },
    );
  },
  LONGEST_MS,
);

test('the value of SES comes after the same turns where the domain has an identity already', async () => {
  const services = [new TwoTenants('same'), new TwoTenants('other')] as const;
  const histories: unknown[][] = [];
  for (const service of services) {
    const history: unknown[] = [];
    await service.claim('rival');
    await service.turn();
    await service.hold();
    await service.turn();
    await service.claim('mine');
    for (let turn = 0; turn < 3; turn += 1) {
      history.push(await service.seen());
      await service.turn();
    }
    expect(service.taken).toEqual([2]);
    histories.push(history);
  }
  expect(histories[0]).toEqual(histories[1]);
});
