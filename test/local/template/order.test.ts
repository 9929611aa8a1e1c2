import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { topologicalOrder } from '../../../local/template/order.ts';

const graph = (edges: Record<string, string[]>): Map<string, Set<string>> =>
  new Map(Object.entries(edges).map(([node, needed]) => [node, new Set(needed)]));

test('each node comes after all that it needs', () => {
  const acyclic = fc
    .integer({ min: 1, max: 12 })
    .chain((size) =>
      fc
        .array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 40 })
        .chain((edges) =>
          fc
            .shuffledSubarray([...Array(size).keys()], { minLength: size })
            .map(
              (names) =>
                new Map(
                  names.map((name, position) => [
                    String(name),
                    new Set(
                      edges
                        .filter(([from, to]) => from === position && to < position)
                        .map(([, to]) => String(names[to])),
                    ),
                  ]),
                ),
            ),
        ),
    );
  fc.assert(
    fc.property(acyclic, (dependencies) => {
      const order = topologicalOrder(dependencies);
      expect([...order].sort()).toEqual([...dependencies.keys()].sort());
      for (const [node, needed] of dependencies) {
        for (const other of needed) {
          expect(order.indexOf(other)).toBeLessThan(order.indexOf(node));
        }
      }
    }),
  );
});

test('names that are no nodes are passed over', () => {
  expect(topologicalOrder(graph({ a: ['AWS::Region', 'b'], b: [] }))).toEqual(['b', 'a']);
});

test('a cycle is shown', () => {
  expect(() => topologicalOrder(graph({ x: ['a'], a: ['b'], b: ['c'], c: ['a'] }))).toThrow(
    'these need each other: a -> b -> c -> a',
  );
});
