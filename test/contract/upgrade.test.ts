import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoBudgetStore } from '#shared/adapters/aws/budget-store.ts';
import { dynamoCheckStore } from '#shared/adapters/aws/check-store.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { dynamoDisclosureStore } from '#shared/adapters/aws/disclosure-store.ts';
import { dynamoFlatteningStore } from '#shared/adapters/aws/flattening-store.ts';
import { dynamoHistory } from '#shared/adapters/aws/history.ts';
import { dynamoIdentityStore } from '#shared/adapters/aws/identity-store.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { dynamoReportStore } from '#shared/adapters/aws/report-store.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { dynamoRotationBacklog } from '#shared/adapters/aws/rotation-backlog.ts';
import { dynamoRotationRuns } from '#shared/adapters/aws/rotation-runs.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import { dynamoMemberships } from '#shared/adapters/aws/memberships.ts';
import { dynamoInvitations } from '#shared/adapters/aws/user-store.ts';
import { dynamoWebhookStore } from '#shared/adapters/aws/webhook-store.ts';
import { decide, type Evidence } from '#shared/app/checks/decide/transition.ts';
import { newMemory } from '#shared/core/model/check.ts';
import { expiresAt, PENDING_DAYS } from '#shared/core/model/expiry.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { DomainName, KeyId, Label, ShardName, TenantId } from '#shared/core/model/names.ts';
import { openedBy } from '#shared/core/model/share-link.ts';
import { dayOf, daysAfter } from '#shared/core/reports/day.ts';
import { DAY_MS } from '#shared/core/time.ts';
import type { TableName } from '#shared/runtime/tables.ts';
import { WebhookSecrets } from '../../lambdas/webhooks/webhook-secrets.ts';
import { MemorySecretBox } from '../fakes/secret-box.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

/** What earlier versions stored, in a folder each; see CONTRIBUTING.md. */
const fixtures = new URL('../fixtures/stored/', import.meta.url);
const versions = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

type Stored = Record<string, AttributeValue>;
/** A table that is newer than the version is not in its file. */
type Tables = Partial<Record<TableName, Stored[]>>;

/** Binary attributes are in base64 in the file. */
const withBytes = (attribute: AttributeValue): AttributeValue =>
  attribute.B === undefined ? attribute : { B: Buffer.from(String(attribute.B), 'base64') };
const itemOf = (stored: Stored): Stored =>
  Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, withBytes(value)]));

/** The path of a share link, which versions recorded since there are any have. */
const linkOf = (version: string): string | undefined => {
  const file = new URL(`${version}/share-link.txt`, fixtures);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

const LIMIT = { limit: 100 };

describe.each(versions)('what version %s stored is read:', (version) => {
  const tables = JSON.parse(
    readFileSync(new URL(`${version}/tables.json`, fixtures), 'utf8'),
  ) as Tables;
  const itemsOf = (table: TableName, sk = /^/) =>
    (tables[table] ?? [])
      .map((stored) => unmarshall(itemOf(stored)) as Record<string, string>)
      .filter((item) => sk.test(item['sk'] ?? ''));
  let dynamo: Dynamo;
  let at: Dynamo['tables'];
  beforeAll(async () => {
    dynamo = await startDynamo();
    at = dynamo.tables;
    for (const [name, items] of Object.entries(tables)) {
      for (const item of items) {
        const put = new PutItemCommand({ TableName: at[name as TableName], Item: itemOf(item) });
        await dynamo.client.send(put);
      }
    }
  });
  afterAll(() => dynamo.close());

  const claims = () => dynamoClaimStore(dynamo.client, at.claims, dynamo.trail);
  const claimItems = itemsOf('claims', /^claim#/);
  const keysOf = claimItems.map(({ tenant, domain }) => ({
    tenant: tenant as TenantId,
    domain: domain as DomainName,
  }));
  const labels = claimItems.map(({ label }) => label as Label);

  test('there is something of every kind', () => {
    expect(keysOf.map(({ domain }) => domain).toSorted()).toEqual([
      'gone.example',
      'leaked.example',
      'own-keys.example',
      'shop.example',
      'shop.example',
      'waiting.example',
    ]);
    for (const table of ['checks', 'publications', 'messages', 'reports', 'events'] as const) {
      expect([table, itemsOf(table).length > 0]).toEqual([table, true]);
    }
  });

  test('claims, by name, by label and in lists; what they do not have is as it was before', async () => {
    for (const [index, key] of keysOf.entries()) {
      const item = claimItems[index]!;
      const claim = (await claims().get(key))!;
      expect(claim).toMatchObject({ ...key, label: item['label'], status: item['status'] });
      expect(claim.keys).toHaveLength(3);
      expect(claim.purpose ?? 'sending').toBe('sending');
      expect(claim.hosting ?? 'service').toBe(item['hosting'] ?? 'service');
      expect(await claims().getByLabel(claim.label)).toEqual(claim);
    }
    const listed = await Promise.all(
      [...new Set(keysOf.map(({ tenant }) => tenant))].map((tenant) =>
        claims().list(tenant, LIMIT),
      ),
    );
    expect(listed.flatMap((page) => page.claims)).toHaveLength(keysOf.length);
    const { claims: scanned } = await claims().scan(LIMIT);
    expect(scanned).toHaveLength(keysOf.length);
  });

  test('claims that wait have the time that claims have now, and open links stay open', async () => {
    const key = keysOf.find(({ domain }) => domain === 'waiting.example')!;
    const claim = (await claims().get(key))!;
    const after = (days: number) => new Date(Date.parse(claim.createdAt) + days * DAY_MS);
    expect(expiresAt(claim, PENDING_DAYS)).toBe(after(180).toISOString());
    const nothing: Evidence = {
      proof: 'none',
      current: 'wrong',
      rightSlots: [],
      brokenSlots: [],
      hasCnameTarget: false,
    };
    const statusOn = (days: number) =>
      decide(claim, newMemory, nothing, PENDING_DAYS, after(days)).status;
    expect([13, 14, 179, 180].map(statusOn)).toEqual(['pending', 'pending', 'pending', 'expired']);
    const path = linkOf(version);
    if (path === undefined) return expect(claim.shareLinks).toBeUndefined();
    const token = path.split('/').at(-1);
    expect(openedBy(claim, token, after(13))).toBeDefined();
    expect(openedBy(claim, token, after(15))).toBeUndefined();
  });

  test('holders, self-hosted claims and the counters', async () => {
    const held = await claims().getHeld(keysOf);
    const shop = held.filter(({ claim }) => claim?.domain === 'shop.example');
    expect(shop.filter(({ claim, holder }) => holder?.label === claim?.label)).toHaveLength(1);
    expect(shop).toHaveLength(2);
    const own = await claims().selfHosted('own-keys.example' as DomainName);
    expect(own).toMatchObject([{ hosting: 'self' }]);
    for (const tenant of new Set(keysOf.map((key) => key.tenant))) {
      const pending = held.filter(
        ({ claim }) =>
          claim?.tenant === tenant && claim.status === 'pending' && claim.lifecycle === 'live',
      );
      expect(await claims().pendingCount(tenant)).toBe(pending.length);
    }
  });

  test('keys: the rings, those that are gone, and those that were revoked', async () => {
    const { keys } = (await claims().get(
      keysOf.find(({ domain }) => domain === 'leaked.example')!,
    ))!;
    const revoked = dynamoRevokedKeys(dynamo.client, at.revokedKeys);
    const ids = itemsOf('revokedKeys').map(({ keyId }) => keyId as KeyId);
    expect([...(await revoked.among(ids))]).toEqual(ids);
    expect(keys.filter(({ state }) => state === 'revoked').map(({ id }) => id)).toEqual(ids);
    for (const label of labels) await claims().pastKeys(label);
    const backlog = dynamoRotationBacklog(dynamo.client, at.rotations);
    const { items } = await backlog.list();
    expect(items).toHaveLength(itemsOf('rotations').filter(({ pk }) => pk === 'backlog').length);
    const disclosures = dynamoDisclosureStore(dynamo.client, at);
    const of = await Promise.all(labels.map((label) => disclosures.of(label)));
    expect(of.flatMap(({ waiting }) => waiting)).toHaveLength(itemsOf('disclosures').length);
  });

  test('checks, with their results and memory', async () => {
    const checks = dynamoCheckStore(dynamo.client, at.checks);
    for (const item of itemsOf('checks')) {
      const state = await checks.get(item['label'] as Label);
      const { result } = item as { result?: { records: unknown[] } };
      expect(state).toMatchObject({ label: item['label'], dueAt: item['dueAt'] });
      expect(state?.result?.records.length).toBe(result?.records.length);
      expect(await checks.verdict(item['label'] as Label)).toEqual(item['keyVerdict']);
    }
    expect((await checks.results(labels)).size).toBe(
      itemsOf('checks').filter((item) => item['result'] !== undefined).length,
    );
  });

  test('publications and flattened includes', async () => {
    const publications = dynamoPublicationStore(dynamo.client, at.publications);
    for (const { shard, label } of itemsOf('publications')) {
      const found = await publications.get(shard as ShardName, [label as Label]);
      expect([...found.keys()]).toEqual([label]);
    }
    const flattenings = dynamoFlatteningStore(dynamo.client, at.flattenings);
    const found = await Promise.all(labels.map((label) => flattenings.of(label)));
    expect(found.flat().map(({ include }) => include)).toEqual(
      itemsOf('flattenings').map(({ include }) => include),
    );
  });

  test('runs of the rotation', async () => {
    const runs = dynamoRotationRuns(dynamo.client, at.rotations);
    const latest = await runs.latest();
    const stored = itemsOf('rotations').filter((item) => item['finishedAt'] !== undefined);
    expect(latest?.finishedAt).toBe(stored.at(-1)?.['finishedAt']);
    if (latest !== undefined) expect((await runs.progress(latest.period)).waves).toHaveLength(4);
  });

  test('budgets: what was used, and limits of a tenant’s own', async () => {
    const budgets = dynamoBudgetStore(dynamo.client, at.budgets);
    const own = itemsOf('budgets', /^limits$/).map(({ pk }) => pk!.slice('tenant#'.length));
    for (const tenant of own as TenantId[]) {
      expect(await budgets.ownLimits(tenant)).toEqual({ 'claims-hour': 500 });
    }
    for (const { pk, sk } of itemsOf('budgets', /^used#claims#/)) {
      const subject = pk!.slice('tenant#'.length) as TenantId;
      const start = Number(sk!.split('#')[2]);
      const window = { budget: 'claims-hour', seconds: 3_600, start, limit: 60 } as const;
      const [used] = await budgets.used([{ subject, group: 'claims', windows: [window] }]);
      expect(used![0]).toBeGreaterThan(0);
    }
    for (const { pk } of itemsOf('budgets', /^leases#checks$/)) {
      const tenant = pk!.slice('tenant#'.length) as TenantId;
      expect((await budgets.leases(tenant, 'checks')).version).toBeGreaterThan(0);
    }
  });

  test('identities', async () => {
    const identities = dynamoIdentityStore(dynamo.client, at.identities);
    // What a claim sees of an identity is under `claim#`, and the turns of SES under `turns#`.
    const domains = itemsOf('identities')
      .map(({ domain }) => domain as DomainName)
      .filter((domain) => !domain.includes('#'));
    const found = await identities.getMany(domains);
    expect([...found.keys()].toSorted()).toEqual(domains.toSorted());
    expect(found.get('shop.example' as DomainName)).toMatchObject({ status: 'ready' });
  });

  test('messages with their recipients, one by one and in the list of their domain', async () => {
    const messages = dynamoMessageStore(dynamo.client, at.messages);
    const heads = itemsOf('messages', /^message$/) as unknown as {
      message: Message;
    }[];
    for (const { message } of heads) {
      const stored = await messages.get(message.tenant, message.id);
      // What a version did not note yet, as a channel or a pinned content, stays absent.
      expect(stored?.message).toEqual(message);
      expect(stored?.message.signed?.signature).toMatchObject({ domain: 'shop.example' });
      expect(stored?.message.held).toBeUndefined();
      expect(stored?.recipientBatches).toHaveLength(1);
    }
    const { tenant, domain } = keysOf.find((key) => key.domain === 'leaked.example')!;
    const domains = ['shop.example' as DomainName];
    const { ids } = await messages.recent({ tenant, domains }, LIMIT);
    expect(ids).toHaveLength(heads.length);
    expect((await messages.recent({ tenant, domains: [domain] }, LIMIT)).ids).toEqual([]);
  });

  test('tenants with their keys, invitations, webhooks and deliveries', async () => {
    const store = dynamoTenantStore(dynamo.client, at.tenants, dynamo.trail);
    const tenants = await store.list();
    expect(tenants.map(({ tenant }) => tenant.name).toSorted()).toEqual(['local', 'other']);
    for (const { tenant } of tenants) {
      for (const key of await store.keysOf(tenant.id)) {
        expect(await store.keyByHash(key.hash)).toEqual(key);
      }
      const webhooks = dynamoWebhookStore(dynamo.client, at.webhooks, dynamo.trail);
      for (const { id, events } of await webhooks.of(tenant.id)) {
        expect(events).toEqual(['domain.verified', 'message.delivered']);
        const { deliveries } = await webhooks.deliveries(id, LIMIT);
        expect(deliveries).toHaveLength(itemsOf('webhooks', /^delivery#/).length);
      }
    }
    const memberships = dynamoMemberships(dynamo.client, at.users, dynamo.trail);
    for (const { pk } of itemsOf('users', /^removed$/)) {
      expect(await memberships.of(pk!.slice('user#'.length))).toEqual({
        memberships: [],
        wasRemoved: true,
      });
    }
    const local = tenants.find(({ tenant }) => tenant.name === 'local')!.tenant.id;
    expect(await dynamoInvitations(dynamo.client, at.users, dynamo.trail).of(local)).toMatchObject([
      { email: 'ann@example.com' },
    ]);
  });

  test('secrets of webhooks in plain, which sign as before and are sealed with their use', async () => {
    const webhooks = dynamoWebhookStore(dynamo.client, at.webhooks, dynamo.trail);
    const failures: unknown[] = [];
    const log = (error: unknown) => failures.push(error);
    const secrets = new WebhookSecrets({ webhooks, box: new MemorySecretBox(), log });
    for (const { pk, sk, secret } of itemsOf('webhooks', /^webhook#/)) {
      if (typeof secret !== 'string') continue;
      const [tenant, id] = [pk!.slice('tenant#'.length) as TenantId, sk!.slice('webhook#'.length)];
      const read = (await webhooks.get(tenant, id))!;
      expect(await secrets.signing(read, new Date())).toEqual([secret]);
      await secrets.sealed(read);
      const sealed = (await webhooks.get(tenant, id))!;
      expect(sealed.secret).toBeInstanceOf(Uint8Array);
      expect(await secrets.signing(sealed, new Date())).toEqual([secret]);
      expect(await webhooks.add({ ...sealed, id: 'wh_another' }, 2)).toBe(true);
      expect(await webhooks.add({ ...sealed, id: 'wh_third' }, 2)).toBe(false);
      await webhooks.remove(tenant, 'wh_another');
    }
    expect(failures).toEqual([]);
  });

  test('the history of each domain', async () => {
    const history = dynamoHistory(dynamo.client, at.events);
    const pages = await Promise.all(keysOf.map((key) => history.of(key, LIMIT)));
    expect(pages.flatMap(({ events }) => events)).toHaveLength(itemsOf('events').length);
  });

  test('reports', async () => {
    const reports = dynamoReportStore(dynamo.client, at.reports);
    const [item] = itemsOf('reports');
    const day = dayOf(new Date(item!['sk']!.slice(0, 10)));
    const { aggregates } = await reports.read(item!['label'] as Label, daysAfter(day, -1), day);
    expect(aggregates).toMatchObject([{ day, organizations: ['reporter.example'] }]);
    expect(aggregates.flatMap(({ groups }) => groups).map(({ messages }) => messages)).toEqual([7]);
  });
});
