import { BatchWriteCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoAuditLog } from '#shared/adapters/aws/audit-log.ts';
import { readsOnly } from '#shared/adapters/aws/audit-trail.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { dynamoHandOverStore } from '#shared/adapters/aws/hand-over-store.ts';
import { dynamoMemberships } from '#shared/adapters/aws/memberships.ts';
import { dynamoNoticeStore } from '#shared/adapters/aws/notice-store.ts';
import { dynamoInvitations } from '#shared/adapters/aws/user-store.ts';
import { noNotices } from '#shared/core/model/notice.ts';
import { newHandOver } from '#shared/core/model/hand-over.ts';
import { dynamoSuppressionStore } from '#shared/adapters/aws/suppression-store.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import { anchorHeads } from '#shared/app/audit/anchor-heads.ts';
import { readLog } from '#shared/app/audit/read-log.ts';
import { sealEntries } from '#shared/app/audit/seal-entries.ts';
import { verifyOwner } from '#shared/app/audit/verify-owner.ts';
import type { AuditAnchors, AuditLog } from '#shared/app/ports/audit-log.ts';
import type { AnchoredHead } from '#shared/core/audit/chain.ts';
import { readEntry, type AuditOwner, type StoredEntry } from '#shared/core/audit/entry.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { ContactId, DomainName, TenantId } from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { givenClaim, givenTenant } from '../fakes/given-claim.ts';
import { isLong } from '../support/long.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
let log: AuditLog;
beforeAll(async () => {
  dynamo = await startDynamo();
  log = dynamoAuditLog(dynamo.client, dynamo.tables);
});
afterAll(() => dynamo?.close());

const limits = { pendingPerTenant: 1_000, claimsPerShard: 10_000 };
const AT_ONCE = isLong ? 500 : 100;
const everything = { from: '', to: '9' };
const claims = () => dynamoClaimStore(dynamo.client, dynamo.tables.claims, dynamo.trail);

async function entriesOf(owner: AuditOwner): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for await (const one of log.entries(owner, everything)) entries.push(one);
  return entries;
}

/** Anchors in memory, which keep what was added. */
function givenAnchors(): AuditAnchors & { readonly added: AnchoredHead[] } {
  const added: AnchoredHead[] = [];
  return {
    added,
    add: async (head) => void added.push(head),
    async *of(owner) {
      yield* added.filter((one) => one.owner === owner);
    },
  };
}

describe('the entry of a change', () => {
  test('is written with it, and not where the change is refused', async () => {
    const claim = givenClaim({ tenant: givenTenant() });
    await claims().create(claim, limits);
    await expect(claims().create(claim, limits)).rejects.toThrow(Refusal);
    const next = { ...claim, version: 2, spf: { mechanisms: ['ip4:192.0.2.1'] } };
    await claims().update(claim, next);
    await expect(claims().update(claim, next)).rejects.toThrow(Conflict);
    const [made, changed, ...others] = (await entriesOf(claim.tenant)).map(readEntry);
    expect(others).toEqual([]);
    expect(made).toMatchObject({
      verb: 'create',
      subject: 'domain',
      subjectId: claim.domain,
      actor: { kind: 'operator', id: 'tester' },
      address: '192.0.2.7',
      userAgent: 'tests/1.0',
    });
    expect(changed?.changes).toEqual([
      { field: 'spf.mechanisms', before: [], after: ['ip4:192.0.2.1'] },
    ]);
  });

  test('that the log does not have is no entry', async () => {
    const claim = givenClaim({ tenant: givenTenant() });
    await claims().create(claim, limits);
    await claims().update(claim, { ...claim, version: 2, seenAt: claim.createdAt });
    expect(await entriesOf(claim.tenant)).toHaveLength(1);
  });

  test('of a claim that is lost to another tenant says nothing of who proved the domain', async () => {
    const [first, second] = [givenTenant(), givenTenant()];
    const loser = givenClaim({ tenant: first, domain: 'rival.example' as DomainName });
    const winner = givenClaim({ tenant: second, domain: 'rival.example' as DomainName });
    for (const claim of [loser, winner]) await claims().create(claim, limits);
    const held = { ...loser, version: 2, status: 'verified' as const };
    await claims().hold(loser, held, loser.createdAt);
    const taken = { ...winner, version: 2, status: 'verified' as const };
    await claims().hold(winner, taken, winner.createdAt);
    const lost = (await entriesOf(first)).at(-1);
    expect(readEntry(lost).changes).toContainEqual({
      field: 'status',
      before: 'verified',
      after: 'lost',
    });
    expect(lost.record).not.toContain(second);
  });

  test('has no key, no hash of a secret and no private half, and people only beside its record', async () => {
    const id = givenTenant();
    const store = dynamoTenantStore(dynamo.client, dynamo.tables.tenants, dynamo.trail);
    const key = {
      hash: 'a'.repeat(64),
      tenant: id,
      prefix: 'sd_abc',
      scopes: ['domains' as const],
      createdAt: '2026-12-01T00:00:00.000Z',
    };
    const contacts = [{ email: 'bo@web.example', name: 'Bo' }];
    await store.create({ id, name: 'Acme', createdAt: key.createdAt, contacts }, key);
    const claim = givenClaim({ tenant: id });
    await claims().create(claim, limits);
    const entries = await entriesOf(id);
    const records = entries.map(({ record }) => record).join('\n');
    expect(records).not.toContain('bo@web.example');
    expect(records).not.toContain(claim.keys[0].wrappedPrivateKey);
    expect(JSON.stringify(entries.map(readEntry))).toContain('bo@web.example');
  });

  test('of a long list of addresses is one for each transaction', async () => {
    const tenant = givenTenant();
    const { suppressions: table } = dynamo.tables;
    const store = dynamoSuppressionStore(dynamo.client, table, dynamo.trail);
    const list = Array.from({ length: 250 }, (_, index) => ({
      tenant,
      address: `a${index}@reader.example`,
      reason: 'manual' as const,
      addedAt: '2026-12-01T00:00:00.000Z',
    }));
    expect(await store.addAll(tenant, list)).toBe(250);
    expect(await store.addAll(tenant, list)).toBe(0);
    const entries = (await entriesOf(tenant)).map(readEntry);
    const listed = entries.flatMap(({ changes }) => changes[0]?.after as readonly string[]);
    expect(entries).toHaveLength(3);
    expect(listed.toSorted()).toEqual(list.map(({ address }) => address).toSorted());
  });

  test('of users names the invitation, the role and its end, and of reminders that they stopped', async () => {
    const { users, handOvers } = dynamo.tables;
    const tenant = givenTenant();
    const at = '2026-12-01T00:00:00.000Z';
    const invitations = dynamoInvitations(dynamo.client, users, dynamo.trail);
    const memberships = dynamoMemberships(dynamo.client, users, dynamo.trail);
    const invited = { tenant, email: 'bo@web.example', invitedAt: at, role: 'viewer' as const };
    await invitations.put(invited, at);
    const member = { tenant, user: 'u1', email: invited.email, role: 'viewer' as const, since: at };
    await memberships.accept(invited, member);
    await memberships.put({ ...member, role: 'admin' });
    await memberships.put({ ...member, role: 'admin', endedAt: at });
    await invitations.put({ ...invited, email: 'al@web.example' }, at);
    await invitations.remove(tenant, 'al@web.example', at);
    const links = dynamoHandOverStore(dynamo.client, handOvers, dynamo.trail);
    const page = 'https://api.example/v1/hand-over';
    const handOver = newHandOver({ owner: tenant, contact: 'ct_1' as ContactId, page });
    const mailing = { since: at, next: 3 as const, dueAt: at };
    await links.put(undefined, { ...handOver, mailing });
    const ended = { why: 'stopped' as const, at };
    await links.put({ ...handOver, mailing }, { ...handOver, revision: 1, ended });
    const left = (await entriesOf(tenant)).map(readEntry).map(({ subject, verb, changes }) => ({
      is: `${subject} ${verb}`,
      fields: changes.map(({ field }) => field),
    }));
    expect(left).toEqual([
      { is: 'user create', fields: ['invitedAt', 'role'] },
      { is: 'user create', fields: ['email', 'role'] },
      { is: 'user change', fields: ['role'] },
      { is: 'user delete', fields: ['email', 'role'] },
      { is: 'user create', fields: ['invitedAt', 'role'] },
      { is: 'user delete', fields: ['invitedAt', 'role'] },
      { is: 'hand-over create', fields: ['links', 'mails'] },
      { is: 'hand-over change', fields: ['ended', 'mails'] },
    ]);
  });

  test('of notices names whom they went to and go to, and no address in plain', async () => {
    const tenant = givenTenant();
    const notices = dynamoNoticeStore(dynamo.client, dynamo.tables.notices, dynamo.trail);
    const ann = { email: 'ann@web.example', language: 'en', kinds: ['lost'] } as const;
    const next = { revision: 1, recipients: [ann] };
    await notices.change(tenant, noNotices, next);
    await notices.change(tenant, next, { revision: 2, recipients: [] });
    await expect(notices.change(tenant, next, { ...next, revision: 2 })).rejects.toThrow(Conflict);

    const stored = await entriesOf(tenant);
    expect(stored.map(({ record }) => record).join()).not.toContain('ann@');
    const recipients = [{ ...ann, kinds: ['lost'] }];
    expect(stored.map(readEntry)).toMatchObject([
      { subject: 'notices', changes: [{ field: 'recipients', before: [], after: recipients }] },
      { subject: 'notices', changes: [{ field: 'recipients', before: recipients, after: [] }] },
    ]);
  });

  test('is required: who only reads changes nothing', async () => {
    const claim = givenClaim({ tenant: givenTenant() });
    const store = dynamoClaimStore(dynamo.client, dynamo.tables.claims, readsOnly);
    await expect(store.create(claim, limits)).rejects.toThrow('audit trail');
    expect(await store.get(claim)).toBeUndefined();
  });
});

describe('the log', () => {
  test(`has ${AT_ONCE} changes at once, none of which meets another, in one chain`, async () => {
    const tenant = givenTenant();
    const store = claims();
    const made = Array.from({ length: AT_ONCE }, (_, index) =>
      givenClaim({ tenant, domain: `at-once-${index}.example` as DomainName }),
    );
    for (const some of slicesOf(made, 25)) {
      const requests = some.map((claim) => ({
        PutRequest: { Item: { pk: `tenant#${tenant}`, sk: `claim#${claim.domain}`, ...claim } },
      }));
      const table = dynamo.tables.claims;
      await dynamo.client.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
    }
    // One try each: a conflict would be thrown.
    await Promise.all(
      made.map((claim) =>
        store.update(claim, { ...claim, version: 2, spf: { mechanisms: ['ip4:192.0.2.1'] } }),
      ),
    );
    const entries = await entriesOf(tenant);
    expect(entries).toHaveLength(AT_ONCE);
    // Batches of the stream come twice after a failure, and in part.
    await sealEntries(tenant, entries.slice(0, AT_ONCE * 0.7), { log });
    await sealEntries(tenant, entries.slice(AT_ONCE * 0.6), { log });
    await sealEntries(tenant, entries, { log });
    const now = new Date(Date.now() + 60_000);
    const anchors = givenAnchors();
    await anchorHeads({ log, anchors }, now);
    expect(await verifyOwner(tenant, { log, anchors }, now)).toEqual({
      from: 1,
      to: AT_ONCE,
      intact: AT_ONCE,
      findings: [],
    });
    const rounds = anchors.added.length;
    await anchorHeads({ log, anchors }, now);
    expect(anchors.added).toHaveLength(rounds);
  });

  test('names what was altered or dropped in the table, and nothing after an erasure', async () => {
    const tenant = givenTenant();
    const store = claims();
    for (const index of [0, 1, 2]) {
      const domain = `altered-${index}.example` as DomainName;
      await store.create(givenClaim({ tenant, domain }), limits);
    }
    const entries = await entriesOf(tenant);
    await sealEntries(tenant, entries, { log });
    const anchors = givenAnchors();
    const now = new Date();
    await anchorHeads({ log, anchors }, now);
    const change = (entry: StoredEntry, field: string, value: unknown) =>
      dynamo.client.send(
        new UpdateCommand({
          TableName: dynamo.tables.audit,
          Key: { pk: tenant, sk: entry.key },
          UpdateExpression: 'SET #field = :value',
          ExpressionAttributeNames: { '#field': field },
          ExpressionAttributeValues: { ':value': value },
        }),
      );
    await change(entries[0]!, 'personal', {});
    expect((await verifyOwner(tenant, { log, anchors }, now)).findings).toEqual([]);
    await change(entries[1]!, 'record', entries[1]!.record.replace('create', 'change'));
    expect((await verifyOwner(tenant, { log, anchors }, now)).findings).toMatchObject([
      { kind: 'altered', number: 2, entry: entries[1]!.key },
    ]);
  });

  test('is read page by page, newest first, by what is asked for', async () => {
    const tenant = givenTenant();
    const store = claims();
    for (const index of [0, 1, 2, 3, 4]) {
      const domain = `page-${index}.example` as DomainName;
      await store.create(givenClaim({ tenant, domain }), limits);
    }
    const read = (filter: object, limit: number, cursor?: string) =>
      readLog(tenant, filter, { range: everything, limit, cursor }, { log });
    const first = await read({}, 3);
    const second = await read({}, 3, first.cursor ?? '');
    const ids = [...first.entries, ...second.entries].map(({ entry }) => entry.subjectId);
    expect(ids).toEqual([4, 3, 2, 1, 0].map((index) => `page-${index}.example`));
    const one = await read({ subject: 'domain', subjectId: 'page-1.example', actor: 'tester' }, 2);
    expect(one.entries.map(({ entry }) => entry.subjectId)).toEqual(['page-1.example']);
    expect((await read({ verb: 'delete' }, 2)).entries).toEqual([]);
    await expect(read({}, 2, 'not one')).rejects.toThrow(Refusal);
    const other = await readLog(
      't_other' as TenantId,
      {},
      { range: everything, limit: 2, cursor: undefined },
      { log },
    );
    expect(other).toEqual({ entries: [], cursor: null });
  });

  test('expires two days after it is shown no more', async () => {
    const claim = givenClaim({ tenant: givenTenant() });
    await claims().create(claim, limits);
    const { Items: items = [] } = await dynamo.client.send(
      new QueryCommand({
        TableName: dynamo.tables.audit,
        KeyConditionExpression: 'pk = :tenant',
        ExpressionAttributeValues: { ':tenant': claim.tenant },
      }),
    );
    const at = Date.parse(String(items[0]?.['sk']).split('#')[0] ?? '');
    expect(items[0]?.['expiresAt']).toBe(Math.floor(at / 1_000) + 402 * 86_400);
  });
});
