import type { DayAggregates } from '#shared/core/reports/day.ts';
import type { Group } from '#shared/core/reports/group.ts';
import type { SourceContext } from '#shared/core/reports/sources.ts';

export const context: SourceContext = {
  domain: 'shop.example',
  mailFrom: 'bounces.shop.example',
  selectors: ['zero', 'one', 'two'],
};

/** Mail by this service, all as it should be, changed as the test wants. */
export const givenGroup = (changes: Partial<Group> = {}): Group => ({
  source: '198.51.100.17',
  scope: 'domain',
  disposition: 'none',
  dkim: true,
  spf: true,
  signature: { domain: 'shop.example', selector: 'zero', result: 'pass' },
  envelope: { domain: 'bounces.shop.example', result: 'pass' },
  messages: 10,
  ...changes,
});

export const givenDay = (
  groups: readonly Group[],
  changes: Partial<DayAggregates> = {},
): DayAggregates => ({
  day: '2026-11-02',
  reporter: 'google.com',
  reports: 1,
  coarseReports: [],
  unreadableRows: 0,
  organizations: ['google.com'],
  groups,
  ...changes,
});
