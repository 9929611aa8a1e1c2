import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoNoticeStore } from '#shared/adapters/aws/notice-store.ts';
import type { NoticeStore } from '#shared/app/ports/notice-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { noNotices, type NoticeSettings } from '#shared/core/model/notice.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryNoticeStore } from '../fakes/notice-store.ts';
import { startDynamo } from '../support/dynamo.ts';

const now = new Date('2026-12-01T09:00:00.000Z');
const after = (minutes: number) => new Date(now.getTime() + minutes * MINUTE_MS);
const given = (tenant: TenantId, id: string): ServiceEvent => ({
  id: `evt_${id}`,
  type: 'domain.at_risk',
  tenant,
  at: now.toISOString(),
  data: { domain: `${id}.example`, detail: 'missing' },
});

function contract(make: () => NoticeStore) {
  const store = () => make();

  test('settings are read back as they were written, by their own tenant', async () => {
    const [tenant, other] = [givenTenant(), givenTenant()];
    expect(await store().settings(tenant)).toEqual(noNotices);
    const settings: NoticeSettings = {
      revision: 1,
      recipients: [{ email: 'ann@example.com', language: 'fr', kinds: ['lost'] }],
    };
    await store().change(tenant, noNotices, settings);
    expect(await store().settings(tenant)).toEqual(settings);
    expect(await store().settings(other)).toEqual(noNotices);
    await expect(store().change(tenant, noNotices, settings)).rejects.toThrow(Conflict);
    const next = { revision: 2, recipients: [] };
    await store().change(tenant, settings, next);
    expect(await store().settings(tenant)).toEqual(next);
  });

  test('the first event begins a batch, and the others join it until it is closed', async () => {
    const tenant = givenTenant();
    const [one, two, three] = ['one', 'two', 'three'].map((id) => given(tenant, id)) as [
      ServiceEvent,
      ServiceEvent,
      ServiceEvent,
    ];
    expect(await store().gather(one, now)).toEqual({ batch: one.id });
    expect(await store().gather(two, after(1))).toEqual({ batch: one.id });
    expect(await store().close(tenant, one.id)).toEqual([one, two]);
    expect(await store().gather(three, after(2))).toEqual({
      batch: three.id,
      before: { id: one.id, open: false, since: now.toISOString() },
    });
    // Mailed again, each batch has the events that it had.
    expect(await store().close(tenant, one.id)).toEqual([one, two]);
    expect(await store().close(tenant, three.id)).toEqual([three]);
  });

  test('an event that comes again stays in its batch', async () => {
    const tenant = givenTenant();
    const [one, two] = [given(tenant, 'one'), given(tenant, 'two')];
    await store().gather(one, now);
    expect(await store().gather(one, after(1))).toEqual({ batch: one.id });
    await store().close(tenant, one.id);
    expect(await store().gather(one, after(2))).toEqual({ batch: one.id });
    await store().gather(two, after(3));
    expect(await store().gather(one, after(4))).toEqual({ batch: one.id });
    expect(await store().close(tenant, two.id)).toEqual([two]);
  });

  test('what joins a batch that should have been mailed an hour ago says so', async () => {
    const tenant = givenTenant();
    const [one, two] = [given(tenant, 'one'), given(tenant, 'two')];
    await store().gather(one, now);
    expect(await store().gather(two, after(61))).toEqual({ batch: one.id, overdue: true });
  });

  test('batches of tenants are apart', async () => {
    const [tenant, other] = [givenTenant(), givenTenant()];
    const [one, two] = [given(tenant, 'same'), given(other, 'same')];
    await store().gather(one, now);
    expect(await store().gather(two, now)).toEqual({ batch: two.id });
    expect(await store().close(tenant, one.id)).toEqual([one]);
  });
}

describe('in memory', () => {
  const store = new MemoryNoticeStore();
  contract(() => store);
});

describe('in DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  let store: NoticeStore;
  beforeAll(async () => {
    dynamo = await startDynamo();
    store = dynamoNoticeStore(dynamo.client, dynamo.tables.notices, dynamo.trail);
  });
  afterAll(() => dynamo.close());
  contract(() => store);

  test('of events that come at once each is in one batch', async () => {
    const tenant = givenTenant();
    const events = Array.from({ length: 8 }, (_, n) => given(tenant, `e${n}`));
    const gathered = await Promise.allSettled(events.map((event) => store.gather(event, now)));
    const again = await Promise.all(
      events.map((event, n) =>
        gathered[n]?.status === 'fulfilled'
          ? Promise.resolve(gathered[n].value)
          : store.gather(event, now),
      ),
    );
    const [batch] = new Set(again.map((one) => one.batch));
    const closed = await store.close(tenant, String(batch));
    expect(new Set(closed.map(({ id }) => id))).toEqual(new Set(events.map(({ id }) => id)));
  });
});
