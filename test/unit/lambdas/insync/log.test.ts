import { beforeEach, expect, test, vi } from 'vitest';
import { log } from '../../../../lambdas/insync/log.ts';
import type { InsyncEvent } from '../../../../lambdas/insync/poll.ts';

const { counted, logged, to } = vi.hoisted(() => {
  const logged: { level: string; text: string }[] = [];
  const to = (level: string) => (text: string) => logged.push({ level, text });
  return { counted: new Map<string, number>(), logged, to };
});
vi.mock('#shared/runtime/log.ts', () => ({
  count: (name: string, value = 1) => counted.set(name, (counted.get(name) ?? 0) + value),
  logger: { info: to('info'), warn: to('warn'), error: to('error') },
}));

beforeEach(() => {
  counted.clear();
  logged.length = 0;
});

test.each<[InsyncEvent, string, Record<string, number>]>([
  [{ kind: 'insync', changeId: '/change/C1', seconds: 30 }, 'info', {}],
  [{ kind: 'waiting', changeId: '/change/C1', reason: 'throttled' }, 'warn', {}],
  [{ kind: 'stale', changeId: '/change/C1', seconds: 2_000 }, 'error', { PublicationsStale: 1 }],
  [{ kind: 'forgotten', changeId: '/change/C1', seconds: 9 }, 'error', { PublicationsStale: 1 }],
  [{ kind: 'failed', error: new Error('fault') }, 'error', {}],
])('%o is logged and counted for the alarms', (event, level, counters) => {
  log(event);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
