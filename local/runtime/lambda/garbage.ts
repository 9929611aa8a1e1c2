import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Octets that are not worth a collection. */
const WORTH = 16 * 1024 * 1024;

/**
 * Makes a function that collects the garbage of this thread where there may be much. V8 waits until a
 * heap nears its limit: with the isolates of all functions in one process that is gigabytes.
 */
export function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let left = used();
  return () => {
    if (used() - left < WORTH) return;
    collect();
    left = used();
  };
}

function used(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
