import { expect, test } from 'vitest';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { log } from '../../../../lambdas/reconciler/log.ts';
import type { ReconcilerEvent } from '../../../../lambdas/reconciler/ports.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const shard = 's1.sd.example.net' as ShardName;
const labels = ['a'.repeat(26) as Label, 'b'.repeat(26) as Label];
const records = Array.from({ length: 120 }, (_, index) => `r${index}.${shard} TXT`);

test.each<[ReconcilerEvent, string, Record<string, number>]>([
  [{ kind: 'reconciled', shard, records: 60 }, 'info', {}],
  [{ kind: 'enqueued', shard, labels: 2 }, 'warn', {}],
  [{ kind: 'drift', shard, records }, 'error', { ZoneDrift: 120 }],
  [{ kind: 'stale', shard, labels }, 'error', { PublicationsStale: 2 }],
  [
    { kind: 'unreached', shards: [shard], reason: new Error('out') },
    'error',
    { ReconcileUnreached: 1 },
  ],
])('%o is logged and counted for the alarms', (event, level, counters) => {
  log(event);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
