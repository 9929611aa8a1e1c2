import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoAuditLog } from '#shared/adapters/aws/audit-log.ts';
import { sealEntries } from '#shared/app/audit/seal-entries.ts';
import { verifyOwner } from '#shared/app/audit/verify-owner.ts';
import type { AuditLog } from '#shared/app/ports/audit-log.ts';
import type { OutboundRequest } from '#shared/app/ports/queues.ts';
import { readEntry, type AuditOwner, type StoredEntry } from '#shared/core/audit/entry.ts';
import type { Message } from '#shared/core/model/message.ts';
import { messageIdOf, type DomainName, type MessageId } from '#shared/core/model/names.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import { whoseIs } from '../../cli/ops/domains.ts';
import { findMessages, redriveMessage, showMessage } from '../../cli/ops/messages.ts';
import { noteReadsIn } from '../../cli/ops/note-reads.ts';
import { suppressionsOf } from '../../cli/ops/suppressions.ts';
import { deployment, givenClaim, givenTenant } from '../fakes/given-claim.ts';
import { MemoryMessageStore } from '../fakes/message-store.ts';
import { MemorySuppressionStore } from '../fakes/suppression-store.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

const operation = 'npm run ops -- a test';
const domain = 'shop.example' as DomainName;
let dynamo: Dynamo;
let log: AuditLog;
beforeAll(async () => {
  dynamo = await startDynamo();
  log = dynamoAuditLog(dynamo.client, dynamo.tables);
});
afterAll(() => dynamo?.close());

const noteReads = (...given: Parameters<ReturnType<typeof noteReadsIn>>) =>
  noteReadsIn(dynamo.client, dynamo.tables.audit, operation)(...given);
const failing = () => Promise.reject(new Error('no right to write'));

async function storedOf(owner: AuditOwner): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for await (const one of log.entries(owner, { from: '', to: '9' })) entries.push(one);
  return entries;
}

const entriesOf = async (owner: AuditOwner) =>
  (await storedOf(owner)).map((stored) => readEntry(stored));

async function givenMail() {
  const messages = new MemoryMessageStore();
  const message: Message = {
    tenant: givenTenant(),
    id: messageIdOf(new Uint8Array(16).fill(7)),
    domain,
    createdAt: '2026-11-20T10:00:00.000Z',
    size: 10,
    fingerprint: 'f',
  };
  await messages.create(message, newRecipientBatches(['ann@reader.example']));
  const sent: OutboundRequest[] = [];
  const outbound = { send: async (some: readonly OutboundRequest[]) => void sent.push(...some) };
  return { message, sent, ports: { messages, outbound, noteReads } };
}

test("a tenant's log says which mail an operator read, found and put into the queue", async () => {
  const { message, sent, ports } = await givenMail();
  const { tenant, id } = message;
  await showMessage(tenant, id, ports);
  expect(await entriesOf(tenant)).toMatchObject([
    {
      verb: 'read',
      subject: 'message',
      subjectId: id,
      actor: { kind: 'operator', id: userInfo().username },
      operation,
      changes: [],
    },
  ]);
  await findMessages({ tenant, domain }, ports);
  await redriveMessage(tenant, id, ports);
  const entries = await entriesOf(tenant);
  expect(entries).toHaveLength(3);
  expect(entries).toContainEqual(
    expect.objectContaining({
      subjectId: domain,
      changes: [{ field: 'ids', before: null, after: [id] }],
    }),
  );
  expect(entries).toContainEqual(expect.objectContaining({ verb: 'run', subjectId: id }));
  expect(sent).toEqual([{ tenant, id }]);
});

test('what cannot be noted is neither shown nor done', async () => {
  const { message, sent, ports } = await givenMail();
  const { tenant, id } = message;
  const unnoted = { ...ports, noteReads: failing };
  await expect(showMessage(tenant, id, unnoted)).rejects.toThrow('no right');
  await expect(findMessages({ tenant, domain }, unnoted)).rejects.toThrow('no right');
  await expect(redriveMessage(tenant, id, unnoted)).rejects.toThrow('no right');
  expect(sent).toEqual([]);
});

test('a mail that the tenant does not have is not read', async () => {
  const { message, ports } = await givenMail();
  const { tenant } = message;
  await expect(showMessage(tenant, 'm_none' as MessageId, ports)).rejects.toThrow('has no mail');
  expect(await entriesOf(tenant)).toEqual([]);
});

test('a question about a domain is in the log of each tenant that claims it, and in no other', async () => {
  const claims = [givenClaim({ domain }), givenClaim({ domain })];
  const other = givenClaim({ domain: 'other.example' as DomainName });
  await whoseIs(domain, false, {
    claims: {
      holder: async () => undefined,
      scan: async () => ({ claims: [...claims, other], cursor: undefined }),
    },
    tenants: { nameOf: async () => 'Acme' },
    revokedKeys: { among: async () => new Set() },
    zone: { listLabel: async () => ({ records: [], foreign: [] }) },
    deployment,
    noteReads,
  });
  for (const { tenant } of claims) {
    expect(await entriesOf(tenant)).toMatchObject([
      { verb: 'read', subject: 'domain', subjectId: domain },
    ]);
  }
  expect(await entriesOf(other.tenant)).toEqual([]);
});

test('a read of the suppression list has the address as a commitment, and the chain holds', async () => {
  const tenant = givenTenant();
  const ports = { store: new MemorySuppressionStore(), noteReads };
  await suppressionsOf(tenant, { address: 'ann@reader.example' }, ports);
  await suppressionsOf(tenant, {}, ports);
  const stored = await storedOf(tenant);
  const ids = stored.map((one) => readEntry(one).subjectId);
  expect(ids.toSorted()).toEqual(['0 addresses', 'ann@reader.example']);
  expect(stored.map(({ record }) => record).join('\n')).not.toContain('ann@reader.example');
  await sealEntries(tenant, stored, { log });
  const anchors = { of: async function* () {} };
  const verified = await verifyOwner(tenant, { log, anchors }, new Date());
  expect(verified).toMatchObject({ intact: 2, findings: [] });
});

test('a removal has the entry of its store alone', async () => {
  const tenant = givenTenant();
  const ports = { store: new MemorySuppressionStore(), noteReads };
  await suppressionsOf(tenant, { address: 'ann@reader.example', removes: true }, ports);
  expect(await entriesOf(tenant)).toEqual([]);
});
