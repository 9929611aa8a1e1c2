import { periodOf } from '#shared/core/model/rotation.ts';
import { advance, begin } from './advance.ts';
import type { PlannerPorts } from './ports.ts';
import { retryBacklog } from './retry.ts';

/**
 * Does what a schedule asks for: `start`, `continue` or `retry`.
 *
 * @param deadline epoch milliseconds
 * @throws TypeError on any other task
 */
export async function runTask(
  ports: PlannerPorts,
  { task, scheduledTime }: { readonly task?: unknown; readonly scheduledTime?: unknown },
  deadline: number,
): Promise<void> {
  switch (task) {
    case 'start':
      // The call of every minute, this one's too, continues the run: two planners would queue the
      // first wave's claims twice, and make keys for nothing.
      return begin(ports, periodOf(scheduledTime));
    case 'continue':
      return advance(ports, deadline);
    case 'retry':
      return retryBacklog(ports);
    default:
      throw new TypeError(
        `the task is ${JSON.stringify(task)}; it must be start, continue or retry`,
      );
  }
}
