import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoMailCounts } from '#shared/adapters/aws/mail-counts.ts';
import type { MailCounts } from '#shared/app/ports/mail-counts.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { daysAfter } from '#shared/core/reports/day.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryMailCounts } from '../fakes/mail-counts.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

const domain = 'example.com' as DomainName;
const day = '2026-11-29';

function contract(counts: () => MailCounts): void {
  test('each mail counts for its tenant, domain, day and channel alone', async () => {
    const tenant = givenTenant();
    const key = { tenant, domain, day };
    await counts().add(key, 'smtp');
    await counts().add(key, 'smtp');
    await counts().add(key, 'api');
    await counts().add({ ...key, day: '2026-11-30' }, 'json');
    await counts().add({ ...key, domain: 'example.org' as DomainName }, 'upload');
    await counts().add({ ...key, tenant: givenTenant() }, 'upload');
    expect(await counts().read({ tenant, domain }, ['2026-11-28', day, '2026-11-30'])).toEqual([
      {},
      { smtp: 2, api: 1 },
      { json: 1 },
    ]);
  });

  test('the domains of a tenant are those with counts, in order', async () => {
    const tenant = givenTenant();
    for (const name of ['b.example', 'a.example', 'a.example.org', 'b.example']) {
      await counts().add({ tenant, domain: name as DomainName, day }, 'api');
      await counts().add({ tenant, domain: name as DomainName, day: '2026-11-30' }, 'api');
    }
    const domains = ['a.example', 'a.example.org', 'b.example'];
    expect(await counts().domains(tenant, 10)).toEqual(domains);
    expect(await counts().domains(tenant, 2)).toEqual(domains.slice(0, 2));
    expect(await counts().domains(givenTenant(), 10)).toEqual([]);
  });

  test('mails that come at once are all counted', async () => {
    const key = { tenant: givenTenant(), domain, day };
    await Promise.all(Array.from({ length: 20 }, () => counts().add(key, 'api')));
    expect(await counts().read(key, [day])).toEqual([{ api: 20 }]);
  });

  test('ninety days are read at once', async () => {
    const key = { tenant: givenTenant(), domain, day };
    await counts().add(key, 'api');
    const days = Array.from({ length: 90 }, (_, index) => daysAfter(day, index - 89));
    const read = await counts().read(key, days);
    expect(read).toHaveLength(90);
    expect(read.at(-1)).toEqual({ api: 1 });
  });
}

describe('MailCounts in memory', () => {
  const counts = new MemoryMailCounts();
  contract(() => counts);
});

describe('MailCounts on DynamoDB', () => {
  let dynamo: Dynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  contract(() => dynamoMailCounts(dynamo.client, dynamo.tables.budgets));
});
