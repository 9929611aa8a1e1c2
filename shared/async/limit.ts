/**
 * Bounds how much is under way at once: at most `limit` of the works given to the returned function
 * run at a time, the others wait in order.
 */
export function inFlight(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed over, so that nobody who comes now can take it in between.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
