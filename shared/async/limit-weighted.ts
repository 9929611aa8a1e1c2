/** What may be under way at once. */
export interface InFlightLimits {
  readonly tasks: number;
  /** Sum of the weights of the tasks under way; a task heavier than that runs alone. */
  readonly weight: number;
}

/**
 * Runs tasks in order of arrival, as many at once as the limits allow, so that downloads, signing
 * and sending overlap while memory stays bounded.
 *
 * @param run must not reject
 */
export async function inFlight<T>(
  items: readonly T[],
  weightOf: (item: T) => number,
  limits: InFlightLimits,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let weight = 0;
  for (const item of items) {
    const own = weightOf(item);
    while (running.size > 0 && (running.size >= limits.tasks || weight + own > limits.weight)) {
      await Promise.race(running);
    }
    weight += own;
    const task = run(item).finally(() => {
      running.delete(task);
      weight -= own;
    });
    running.add(task);
  }
  await Promise.all(running);
}
