import { expect, test } from 'vitest';
import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import { log } from '../../../../lambdas/disclosure/log.ts';
import type { DisclosureOutcome } from '../../../../lambdas/disclosure/ports.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const key = {
  domain: 'example.com',
  selector: 'zero',
  id: 'k',
  wrappedPrivateKey: 'wrapped',
} as unknown as WaitingKey;

test.each<[DisclosureOutcome, string, Record<string, number>]>([
  ['disclosed', 'info', { KeysDisclosed: 1 }],
  ['in-ring', 'error', { DisclosuresFailed: 1 }],
  ['unusable', 'error', { DisclosuresFailed: 1 }],
  ['there', 'info', {}],
  ['unknown', 'info', {}],
  ['not-proven', 'info', {}],
  ['gone', 'info', {}],
  ['withdrawn', 'info', {}],
])('%s is logged without the key, and counted for the alarms', (outcome, level, counters) => {
  log(key, outcome);
  expect(JSON.stringify(logged)).not.toContain('wrapped');
  expect(logged).toMatchObject([{ level }]);
  expect(Object.fromEntries(counted)).toEqual(counters);
});
