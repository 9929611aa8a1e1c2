/** The bounds of concurrent work. */
export interface Limits {
  readonly tasks: number;
  /** Sum of the weights of the tasks that run; a task heavier than that runs alone. */
  readonly weight?: number;
}

/** Runs a task once the limits allow it, and settles as the task does. */
export type Limiter = <T>(task: () => Promise<T>, weight?: number) => Promise<T>;

interface Waiting {
  readonly weight: number;
  readonly start: () => void;
}

/**
 * Bounds how many tasks run at once, and how much they weigh together.
 *
 * Tasks start in order of arrival: a heavy task that has to wait also blocks the light ones after
 * it.
 */
export function limiter({ tasks, weight: most = Infinity }: Limits): Limiter {
  const waiting: Waiting[] = [];
  let running = 0;
  let load = 0;
  const fits = (weight: number): boolean =>
    running === 0 || (running < tasks && load + weight <= most);
  const enter = (weight: number): void => {
    running += 1;
    load += weight;
  };
  const leave = (weight: number): void => {
    running -= 1;
    load -= weight;
    // Places go to waiting tasks first, so that no new arrival comes in between.
    for (let [next] = waiting; next !== undefined && fits(next.weight); [next] = waiting) {
      waiting.shift();
      enter(next.weight);
      next.start();
    }
  };
  return async (task, weight = 0) => {
    if (waiting.length === 0 && fits(weight)) enter(weight);
    else await new Promise<void>((start) => waiting.push({ weight, start }));
    try {
      return await task();
    } finally {
      leave(weight);
    }
  };
}

/**
 * Does the same for each item, within limits, in order.
 *
 * @returns the results in the order of the items
 * @throws the first failure, after which no further item is begun
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limits: Limits,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const limited = limiter(limits);
  let failed = false;
  const one = async (item: T): Promise<R | undefined> => {
    if (failed) return undefined;
    try {
      return await act(item);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  return (await Promise.all(items.map((item) => limited(() => one(item))))) as R[];
}
