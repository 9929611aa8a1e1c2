import { expect, test } from 'vitest';
import { log as reportOfReader } from '../../../../lambdas/reports/log.ts';
import type { ReportEvent } from '../../../../lambdas/reports/events.ts';
import { log as reportOfPlan } from '../../../../lambdas/roll-out/log.ts';
import type { RollOutEvent } from '../../../../lambdas/roll-out/evaluate.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { counted, logged } = recordedLog();

const domain = 'shop.example' as never;
const counting = { kind: 'counted', domain, messages: 1, unreadableRows: 0 } as const;
const refused = { kind: 'refused', domain, reason: 'truncated', detail: '', key: 'k' } as const;
const failure = { selector: 'one', failed: 80, passed: 0, reporters: [] };

test.each<[ReportEvent, string, string]>([
  [{ ...counting, outcome: 'added', reporter: 'google.com' }, 'info', 'ReportsVerified'],
  [{ ...counting, outcome: 'added', reporter: undefined }, 'info', 'ReportsUnverified'],
  [{ ...counting, outcome: 'repeated', reporter: 'google.com' }, 'info', 'ReportsRepeated'],
  [{ ...counting, outcome: 'counted-earlier', reporter: 'google.com' }, 'info', 'ReportsRepeated'],
  [{ ...counting, outcome: 'full', reporter: undefined }, 'info', 'ReportsDropped'],
  [{ ...refused, reporter: undefined }, 'warn', 'ReportsRefused'],
  [{ ...refused, reporter: 'google.com' }, 'warn', 'ReportsUnreadable'],
  [{ kind: 'dropped', recipients: ['a@b'], key: 'k' }, 'info', 'ReportsDropped'],
  [{ kind: 'key-failing', domain, failure }, 'error', 'NewKeyFailing'],
])('%o of a report is logged and counted', (event, level, counter) => {
  reportOfReader(event);
  expect(logged).toMatchObject([{ level }]);
  expect([...counted.keys()]).toEqual([counter]);
});

const step = { at: '', tag: 'p', why: '' } as const;

test.each<[RollOutEvent, string, string]>([
  [
    { domain, kind: 'stepped', step: { ...step, from: 'none', to: 'quarantine' } },
    'info',
    'PolicyRaised',
  ],
  [
    { domain, kind: 'stepped', step: { ...step, from: 'reject', to: 'quarantine' } },
    'info',
    'PolicySteppedBack',
  ],
  [{ domain, kind: 'held', held: { since: '', why: '', sources: [] } }, 'warn', 'PolicyHeld'],
])('%o of a plan is logged and counted', (event, level, counter) => {
  reportOfPlan(event);
  expect(logged).toMatchObject([{ level }]);
  expect([...counted.keys()]).toEqual([counter]);
});
