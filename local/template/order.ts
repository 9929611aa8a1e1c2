/**
 * Orders nodes so that each comes after those it depends on; nodes without an order between them
 * keep the order they came in.
 *
 * @param dependencies the nodes that each node needs; names that are no nodes are passed over
 * @throws Error that shows the cycle where there is one
 */
export function topologicalOrder(
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const ordered = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    if (ordered.has(node)) return;
    if (path.includes(node)) {
      throw new Error(
        `these need each other: ${[...path.slice(path.indexOf(node)), node].join(' -> ')}`,
      );
    }
    for (const needed of dependencies.get(node) ?? []) {
      if (dependencies.has(needed)) visit(needed, [...path, node]);
    }
    ordered.add(node);
  };
  for (const node of dependencies.keys()) visit(node, []);
  return [...ordered];
}
