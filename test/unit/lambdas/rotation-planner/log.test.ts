import { expect, test } from 'vitest';
import { log } from '../../../../lambdas/rotation-planner/log.ts';
import type { PlannerEvent } from '../../../../lambdas/rotation-planner/ports.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const one = (counter: string) => ({ [counter]: 1 });

const run = { period: '2026-12', wave: 0 } as Extract<PlannerEvent, { kind: 'began' }>['run'];
const item = { domain: 'example.com', kind: 'held-back' } as Extract<
  PlannerEvent,
  { kind: 'held-back-long' }
>['item'];

test.each<[PlannerEvent, string, Record<string, number>]>([
  [{ kind: 'began', run }, 'info', {}],
  [{ kind: 'progress', run }, 'info', {}],
  [{ kind: 'finished', run }, 'info', {}],
  [{ kind: 'overtaken', run }, 'info', {}],
  [{ kind: 'stalled', run }, 'error', { RotationStalled: 1 }],
  [{ kind: 'halted', run, reason: 'mail fails' }, 'error', { RotationHalted: 1 }],
  [{ kind: 'held-back-long', item }, 'error', one('RotationsHeldBackLong')],
  [{ kind: 'retried', queued: 1, waiting: 2 }, 'info', one('RotationRetried')],
])('%o is logged and counted for the alarms', (event, level, counters) => {
  log(event);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
