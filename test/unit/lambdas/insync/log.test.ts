import { expect, test } from 'vitest';
import { log } from '../../../../lambdas/insync/log.ts';
import type { InsyncEvent } from '../../../../lambdas/insync/poll.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

test.each<[InsyncEvent, string, Record<string, number>]>([
  [{ kind: 'insync', changeId: '/change/C1', seconds: 30 }, 'info', {}],
  [{ kind: 'waiting', changeId: '/change/C1', reason: 'throttled' }, 'warn', {}],
  [{ kind: 'stale', changeId: '/change/C1', seconds: 2_000 }, 'error', { PublicationsStale: 1 }],
  [
    { kind: 'revocation-late', changeId: '/change/C1', seconds: 61 },
    'error',
    { RevocationsLate: 1 },
  ],
  [{ kind: 'forgotten', changeId: '/change/C1', seconds: 9 }, 'error', { PublicationsStale: 1 }],
  [{ kind: 'failed', error: new Error('fault') }, 'error', {}],
])('%o is logged and counted for the alarms', (event, level, counters) => {
  log(event);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
