import { expect, test } from 'vitest';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { log } from '../../../../lambdas/publisher/log.ts';
import type { PublisherEvent } from '../../../../lambdas/publisher/ports.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const shard = 's1.sd.example.net' as ShardName;
const label = 'a'.repeat(26) as Label;
const since = '2026-11-23T00:00:00.000Z';

test.each<[PublisherEvent, string, Record<string, number>]>([
  [{ kind: 'published', shard, changeId: '/change/C1', claims: 2, changes: 12 }, 'info', {}],
  [{ kind: 'waiting', shard, reason: 'throttled' }, 'warn', {}],
  [{ kind: 'put-off', shard, labels: 3, since }, 'warn', {}],
  [{ kind: 'late', shard, labels: 3, since }, 'error', { PublicationsStale: 3 }],
  [{ kind: 'parked', shard, label, reason: 'refused' }, 'error', { PublicationsParked: 1 }],
  [{ kind: 'revocation-late', shard, waiting: 1, seconds: 61 }, 'error', { RevocationsLate: 1 }],
  [{ kind: 'no-claim', shard, label }, 'error', {}],
  [{ kind: 'failed', shard, error: new Error('fault') }, 'error', {}],
])('%o is logged and counted for the alarms', (event, level, counters) => {
  log(event);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
