import { expect, test } from 'vitest';
import { noKeys } from '#shared/core/model/key-ring.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { suggestParked } from '../../../../lambdas/domains/suggest-parked.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryReportStore } from '../../../fakes/report-store.ts';
import { givenGroup } from '../../core/reports/given-day.ts';

const clock = { now: () => new Date('2026-11-20T10:00:00.000Z') };
const old = { status: 'verified', createdAt: '2026-01-01T00:00:00.000Z' } as const;
const forged = givenGroup({
  messages: 30,
  source: '192.0.2.1',
  dkim: false,
  spf: false,
  signature: undefined,
  envelope: undefined,
});
const own = givenGroup({ messages: 1 });

async function suggested(
  groups: Readonly<Record<string, ReturnType<typeof givenGroup>>>,
  changes: Partial<Claim> = {},
) {
  const reports = new MemoryReportStore();
  const claim = givenClaim({ ...old, ...changes });
  for (const [day, group] of Object.entries(groups)) {
    const reporter = 'receiver.test';
    await reports.add({
      label: claim.label,
      day,
      reporter,
      key: day,
      organization: reporter,
      earlierKey: undefined,
      coarse: false,
      unreadableRows: 0,
      groups: [group],
    });
  }
  return suggestParked(claim, { reports, deployment, clock });
}

const quiet = { '2026-10-01': forged, '2026-11-10': forged };

test('a domain whose mail has only been forged for 60 days may be parked', async () => {
  expect(await suggested(quiet)).toEqual({ suggestion: 'parked' });
  expect(await suggested({ ...quiet, '2026-09-01': own })).toEqual({ suggestion: 'parked' });
});

test.each([
  ['has mail of its own', { ...quiet, '2026-11-11': own }, {}],
  ['has no reports', {}, {}],
  ['has reports of one half of the time only', { '2026-11-10': forged }, {}],
  ['is young', quiet, { createdAt: '2026-10-20T00:00:00.000Z' }],
  ['is not verified', quiet, { status: 'pending' }],
  ['is parked', quiet, { purpose: 'parked', keys: noKeys }],
] as const)('nothing is suggested of a domain that %s', async (_, groups, changes) => {
  expect(await suggested(groups, changes)).toEqual({});
});
