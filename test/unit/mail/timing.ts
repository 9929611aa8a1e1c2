/** The shortest of several runs in milliseconds: what the code takes when the machine leaves it alone. */
export function shortestRun(run: () => void): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 8; i += 1) {
    const start = performance.now();
    run();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}
