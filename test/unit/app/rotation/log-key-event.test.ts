import { expect, test } from 'vitest';
import { logKeyEvent } from '#shared/app/rotation/log-key-event.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const one = (counter: string) => ({ [counter]: 1 });

type KeyEvent = Parameters<typeof logKeyEvent>[0];

test.each<[KeyEvent['kind'], string, Record<string, number>]>([
  ['rotated', 'info', { RotationsMade: 1 }],
  ['not-due', 'info', { RotationsNotDue: 1 }],
  ['held-back', 'warn', one('RotationsHeldBack')],
  ['awaits-customer', 'info', {}],
  ['prepared', 'info', {}],
  ['taken', 'info', {}],
  ['unseen', 'warn', {}],
  ['unpublished', 'error', { KeysUnpublished: 1 }],
  ['failed', 'error', { RotationsFailed: 1 }],
  ['moved', 'error', { SigningMoved: 1 }],
  ['revoked', 'warn', { KeysRevoked: 1 }],
  ['paused', 'error', { SigningPaused: 1 }],
  ['resumed', 'info', {}],
  ['refilled', 'info', {}],
  ['throttled', 'warn', { RotationThrottled: 1 }],
  ['faulty', 'error', {}],
])('%s is logged and counted for the alarms', (kind, level, counters) => {
  logKeyEvent({ kind, domain: 'example.com' } as KeyEvent);
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
