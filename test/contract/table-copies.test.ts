import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { dynamoTableCopies, messagesSince } from '#shared/adapters/aws/table-copies.ts';
import type { TableCopies } from '#shared/app/ports/table-copies.ts';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import { type DynamoDb, startDynamoDb } from '../../local/aws/dynoxide.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { type PointInTime, pointInTime } from '../../local/aws/point-in-time.ts';
import { ACCOUNT, clientConfig, gatewayFor, REGION } from '../local/aws/stand-ins.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'copies-'));
const start = Date.parse('2026-11-30T12:00:00.000Z');
let now = start;
let dynamoDb: DynamoDb;
let gateway: Gateway;
let stand: PointInTime;
let client: DynamoDBClient;
let document: DynamoDBDocumentClient;
let copies: TableCopies;

beforeAll(async () => {
  dynamoDb = await startDynamoDb({ stateDir, region: REGION, accountId: ACCOUNT, log: () => {} });
  stand = pointInTime({ handle: dynamoDb.handle, stateDir, region: REGION, now: () => now });
  gateway = await gatewayFor({ dynamodb: stand.handle });
  client = new DynamoDBClient(clientConfig(gateway));
  document = DynamoDBDocumentClient.from(client);
  copies = dynamoTableCopies(client);
  await client.send(
    new CreateTableCommand({
      TableName: 'x-messages',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk', 'list', 'listedAt'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'recent',
          KeySchema: [
            { AttributeName: 'list', KeyType: 'HASH' },
            { AttributeName: 'listedAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
    }),
  );
  for (let index = 0; index < 60; index += 1) await put(`m_${index}`, '2026-11-30T11:00:00.000Z');
  await stand.take();
  now += 60_000;
  await put('m_later', '2026-11-30T12:00:30.000Z');
});
afterAll(async () => {
  await gateway.close();
  await dynamoDb.close();
  rmSync(stateDir, { recursive: true });
});

/** As the service stores it. */
const put = (id: string, createdAt: string) =>
  dynamoMessageStore(document, 'x-messages').create(
    {
      tenant: 't_1' as TenantId,
      id: id as MessageId,
      domain: 'example.com' as DomainName,
      createdAt,
      size: 1,
      fingerprint: 'f',
    },
    newRecipientBatches(['bob@example.net']),
  );
const ids = async (table: string): Promise<string[]> => {
  const { Items: items = [] } = await document.send(new ScanCommand({ TableName: table }));
  return items.map(({ pk }) => String(pk));
};

test('a copy has what the table had, and what the service needs of a table', async () => {
  const target = 'x-messages-20261130T120000';
  await copies.copy('x-messages', target, new Date(start));
  expect(await copies.isReady(target)).toBe(true);
  const stream = await copies.complete(target, { ttl: 'expiresAt', stream: 'NEW_AND_OLD_IMAGES' });

  expect(await ids('x-messages')).toHaveLength(61);
  expect(await ids(target)).toHaveLength(60);
  expect(await ids(target)).not.toContain('t_1#m_later');
  const { Table: table } = await client.send(new DescribeTableCommand({ TableName: target }));
  expect(table).toMatchObject({
    LatestStreamArn: stream,
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    DeletionProtectionEnabled: true,
    GlobalSecondaryIndexes: [{ IndexName: 'recent' }],
  });
  const { TimeToLiveDescription: expiry } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: target }),
  );
  expect(expiry).toMatchObject({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' });

  // It can be run again, and changes nothing.
  await copies.copy('x-messages', target, new Date(start));
  expect(await copies.complete(target, { ttl: 'expiresAt', stream: 'NEW_AND_OLD_IMAGES' })).toBe(
    stream,
  );
});

test('a table that is not there yet is not ready', async () => {
  expect(await copies.isReady('x-nothing')).toBe(false);
});

test.each([
  ['of before the first copy', 'x-messages', new Date(start - 1)],
  ['of a table that there was none of', 'x-others', new Date(start)],
])('a state %s cannot be restored, which says why', async (_, source, at) => {
  await expect(copies.copy(source, `${source}-copy`, at)).rejects.toMatchObject({
    name: 'CannotRestore',
    message: expect.stringContaining(`${source} cannot be restored to`),
  });
});

test('the messages of a time on are counted', async () => {
  const count = messagesSince(document, 'x-messages');

  expect(await count('2026-11-30T12:00:00.000Z')).toBe(1);
  expect(await count('2026-11-30T10:00:00.000Z')).toBe(61);
});
