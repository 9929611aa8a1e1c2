import { later, MINUTE_MS } from '#shared/core/time.ts';
import type { CheckKey, CheckState, CheckStore } from '../ports/check-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { CheckRequest, Queue } from '../ports/queues.ts';

/** One check of a domain begins in this time, however many ask for one. */
const PAUSE_MS = 2_000;

/** The ports of a request for a check. */
export interface RequestCheckPorts {
  readonly checks: Pick<CheckStore, 'get' | 'request'>;
  readonly checkQueue: Queue<CheckRequest>;
  readonly clock: Clock;
}

/**
 * Queues a check of a claim. Where one was queued within the last 2 seconds, the next begins when
 * they are over, and serves all who asked meanwhile. The request is noted first: where its message
 * is lost, the planner queues the check a minute later.
 *
 * @returns the time of the request, ISO 8601: a result that is as old or newer answers it
 */
export async function requestCheck(check: CheckKey, ports: RequestCheckPorts): Promise<string> {
  const { tenant, domain, label } = check;
  for (;;) {
    const state = await ports.checks.get(label);
    const now = ports.clock.now();
    const at = now.toISOString();
    const was = state?.requestedAt;
    if (was !== undefined && was > at) return at;
    const since = was === undefined || later(was, PAUSE_MS) <= at ? at : later(was, PAUSE_MS);
    const request = { tenant, domain, label, requestedAt: since, dueAt: latest(state, since) };
    // Where another asked in between, its check may have begun before now.
    if (!(await ports.checks.request(request, was))) continue;
    const delaySeconds = Math.ceil((Date.parse(since) - now.getTime()) / 1000);
    await ports.checkQueue.send([{ tenant, domain, label, since }], { delaySeconds });
    return at;
  }
}

/** When the planner queues the check itself. */
function latest(state: CheckState | undefined, since: string): string {
  const dueAt = later(since, MINUTE_MS);
  return state === undefined || state.dueAt > dueAt ? dueAt : state.dueAt;
}
