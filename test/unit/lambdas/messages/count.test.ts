import { describe, expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { countMessages } from '../../../../lambdas/messages/count.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryReputationStore } from '../../../fakes/reputation-store.ts';
import { MemoryMailCounts } from '../../../fakes/mail-counts.ts';

const tenant = givenTenant();
const clock = { now: () => new Date('2026-11-30T00:00:01.000Z') };
const domain = 'example.com' as DomainName;
const nothing = { delivered: 0, bounced: 0, complained: 0 };
const none = { api: 0, json: 0, upload: 0, smtp: 0 };

describe('the counts of messages', () => {
  test('are those of the last days, today the last, and their sum', async () => {
    const mailCounts = new MemoryMailCounts();
    await mailCounts.add({ tenant, domain, day: '2026-11-28' }, 'api');
    await mailCounts.add({ tenant, domain, day: '2026-11-29' }, 'api');
    await mailCounts.add({ tenant, domain, day: '2026-11-30' }, 'smtp');
    const reputations = new MemoryReputationStore();
    const outcomes = { outcomes: 5, bounced: 1, complained: 1 };
    await reputations.count({ tenant, domain }, outcomes, '2026-11-29T12:00:00.000Z');
    const ports = { mailCounts, reputations, clock };
    expect(await countMessages(ports, { tenant, domain: 'Example.com.', days: 2 })).toEqual({
      domain,
      total: { ...none, api: 1, smtp: 1 },
      days: [
        {
          day: '2026-11-29',
          mails: { ...none, api: 1 },
          outcomes: { delivered: 4, bounced: 1, complained: 1 },
        },
        { day: '2026-11-30', mails: { ...none, smtp: 1 }, outcomes: nothing },
      ],
    });
  });

  test('are nothing where no mail was sent', async () => {
    const reputations = new MemoryReputationStore();
    const ports = { mailCounts: new MemoryMailCounts(), reputations, clock };
    const { total, days } = await countMessages(ports, { tenant, domain, days: 90 });
    expect(total).toEqual(none);
    expect(days).toHaveLength(90);
    // Outcomes are kept for 30 days.
    expect(days.map(({ outcomes }) => outcomes)).toEqual([
      ...Array.from({ length: 60 }, () => null),
      ...Array.from({ length: 30 }, () => nothing),
    ]);
  });
});
