import { beforeEach, expect, test, vi } from 'vitest';
import { log as reportOfReader } from '../../../../lambdas/reports/log.ts';
import type { ReportEvent } from '../../../../lambdas/reports/events.ts';
import { log as reportOfPlan } from '../../../../lambdas/roll-out/log.ts';
import type { RollOutEvent } from '../../../../lambdas/roll-out/evaluate.ts';

const { counted, logged, to } = vi.hoisted(() => {
  const logged: string[] = [];
  const to = (level: string) => () => logged.push(level);
  return { counted: [] as string[], logged, to };
});
vi.mock('#shared/runtime/log.ts', () => ({
  count: (name: string) => counted.push(name),
  logger: { info: to('info'), warn: to('warn'), error: to('error') },
}));

beforeEach(() => {
  counted.length = 0;
  logged.length = 0;
});

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
  expect([logged, counted]).toEqual([[level], [counter]]);
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
  expect([logged, counted]).toEqual([[level], [counter]]);
});
