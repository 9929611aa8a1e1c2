import { expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { log } from '../../../../lambdas/identities/log.ts';
import type { IdentityEvent } from '../../../../lambdas/identities/ports.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const domain = 'example.com' as DomainName;

test.each<[IdentityEvent, string, Record<string, number>]>([
  [{ kind: 'made', domain }, 'info', {}],
  [{ kind: 'removed', domain }, 'info', {}],
  [{ kind: 'moved', domain, to: 'ready' }, 'info', {}],
  [{ kind: 'given-up', domain }, 'warn', { IdentityFailed: 1 }],
  [{ kind: 'foreign', domain }, 'warn', { IdentityForeign: 1 }],
  [{ kind: 'quota-full', domain }, 'error', { IdentityQuotaFull: 1 }],
  [{ kind: 'failed', what: 'polling', error: new Error('fault') }, 'error', {}],
  [{ kind: 'failed', what: 'polling', error: new Error('fault'), tries: 5 }, 'error', {}],
  [
    { kind: 'failed', what: 'polling', error: new Error('fault'), tries: 6 },
    'error',
    { IdentityFailing: 1 },
  ],
])('%o is logged and counted for the alarms', (event, level, counters) => {
  log(event);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
