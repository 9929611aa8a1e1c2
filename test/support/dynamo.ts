import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { findDynamoDb } from '../../local/aws/dynamodb-source.ts';
import type { AuditTrail } from '#shared/adapters/aws/audit-trail.ts';
import { givenTrail } from './given-trail.ts';
import { tables as shapes, type TableName, type TableShape } from '#shared/runtime/tables.ts';

export interface Dynamo {
  client: DynamoDBDocumentClient;
  endpoint: string;
  tables: Record<TableName, string>;
  /** Writes the entries of changes, in the name of a test. */
  trail: AuditTrail;
  close(): Promise<void>;
}

/**
 * Starts a DynamoDB of its own, in memory, with every table of the deployment in it. An endpoint of
 * the user's own serves instead where `AWS_ENDPOINT_URL_DYNAMODB` names one.
 */
export async function startDynamo(): Promise<Dynamo> {
  const own = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const source = own === undefined ? findDynamoDb() : { endpoint: own };
  const server = 'binary' in source ? await spawnDynoxide(source.binary) : undefined;
  const endpoint = own ?? server!.endpoint;
  const raw = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await untilUp(raw);
  const names = {} as Record<TableName, string>;
  const run = Math.random().toString(36).slice(2, 8);
  for (const [name, shape] of Object.entries(shapes) as [TableName, TableShape][]) {
    names[name] = `${name}-${run}`;
    await raw.send(new CreateTableCommand(createTable(names[name], shape)));
  }
  return {
    client: DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } }),
    endpoint,
    tables: names,
    trail: givenTrail(names.audit),
    async close() {
      raw.destroy();
      await server?.close();
    },
  };
}

async function spawnDynoxide(
  binary: string,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const port = await freePort();
  const child = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port)], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      child.kill();
      await exited;
    },
  };
}

async function untilUp(client: DynamoDBClient): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(50);
    }
  }
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function createTable(name: string, shape: TableShape): CreateTableCommandInput {
  const attributes = new Set([shape.partitionKey, ...(shape.sortKey ? [shape.sortKey] : [])]);
  for (const index of shape.indexes ?? []) attributes.add(index.partitionKey).add(index.sortKey);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map((attribute) => ({
      AttributeName: attribute,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: shape.partitionKey, KeyType: 'HASH' },
      ...(shape.sortKey ? [{ AttributeName: shape.sortKey, KeyType: 'RANGE' as const }] : []),
    ],
    ...(shape.stream
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: shape.stream } }
      : {}),
    ...(shape.indexes
      ? {
          GlobalSecondaryIndexes: shape.indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: [
              { AttributeName: index.partitionKey, KeyType: 'HASH' as const },
              { AttributeName: index.sortKey, KeyType: 'RANGE' as const },
            ],
            Projection: { ProjectionType: index.projection },
          })),
        }
      : {}),
  };
}
