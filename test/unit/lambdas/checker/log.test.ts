import { expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import type { CheckerEvent } from '../../../../lambdas/checker/check-all.ts';
import { log } from '../../../../lambdas/checker/log.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const domain = 'example.com' as DomainName;

test.each<[CheckerEvent, string, Record<string, number>]>([
  [{ kind: 'moved', domain, from: 'pending', to: 'verified' }, 'info', {}],
  [{ kind: 'moved', domain, from: 'verified', to: 'at-risk' }, 'info', { ClaimsAtRisk: 1 }],
  [{ kind: 'moved', domain, from: 'at-risk', to: 'lost' }, 'info', { ClaimsLost: 1 }],
  [{ kind: 'buried', domain }, 'info', {}],
  [{ kind: 'under-way', domain }, 'debug', {}],
  [{ kind: 'failed', body: '{}', error: new Error('fault') }, 'error', {}],
])('%o is logged and counted for the alarms', (event, level, counters) => {
  log(event);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
