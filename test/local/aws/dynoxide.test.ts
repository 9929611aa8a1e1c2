import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TagResourceCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDynamoDb } from '../../../local/aws/dynoxide.ts';
import { proxyTo } from '../../../local/aws/proxy.ts';
import {
  ACCOUNT,
  REGION,
  clientConfig,
  gatewayFor,
  remove,
  temporaryDirectory,
} from './stand-ins.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = temporaryDirectory();
});

afterEach(() => {
  remove(stateDir);
});

const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'AKIAOPERATOR', secretAccessKey: 'any' },
    maxAttempts: 1,
  });

const unexpected = (line: string): never => expect.unreachable(line);

test('the database ends with a process that was killed, and its items are there afterwards', async () => {
  const module = new URL('../../../local/aws/dynoxide.ts', import.meta.url).href;
  const program = `
    const { startDynamoDb } = await import(${JSON.stringify(module)});
    const options = { stateDir: ${JSON.stringify(stateDir)}, region: 'eu-central-1', accountId: '${ACCOUNT}' };
    const { endpoint } = await startDynamoDb({ ...options, log() {} });
    process.stdout.write(endpoint);
    setInterval(() => {}, 1000);
  `;
  const args = ['--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [endpoint] = (await once(child.stdout, 'data')) as [Buffer];
  const client = clientOf(endpoint.toString());
  await client.send(
    new CreateTableCommand({
      TableName: 'claims',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const Item = { pk: { S: 'a' } };
  await client.send(new PutItemCommand({ TableName: 'claims', Item }));
  client.destroy();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const alive = (): Promise<boolean> =>
    fetch(endpoint.toString()).then(
      () => true,
      () => false,
    );
  await expect.poll(alive).toBe(false);

  const again = await startDynamoDb({
    stateDir,
    region: REGION,
    accountId: ACCOUNT,
    log: unexpected,
  });
  const reader = clientOf(again.endpoint);
  const got = await reader.send(new GetItemCommand({ TableName: 'claims', Key: Item }));
  expect(got.Item).toEqual(Item);
  reader.destroy();
  await again.close();
});

const JSON_TYPE = 'application/x-amz-json-1.0';

/**
 * A server by DynamoDB Local's documented rules: alphanumeric access keys, a database for each key
 * and region, and `ddblocal` as its ARNs' region.
 */
async function startDynamoDbLocal(behind: string) {
  const databases = new Set<string>();
  const proxy = proxyTo(behind);
  const server = createServer((incoming, outgoing) => {
    const { authorization = '', host: _, ...sent } = incoming.headers;
    const [, key = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(authorization) ?? [];
    databases.add(`${key} ${region}`);
    const answer = async () => {
      const body = await buffer(incoming);
      if (!/^[A-Za-z0-9]+$/.test(key)) return outgoing.writeHead(400).end();
      const response = await proxy.handle({
        method: 'POST',
        path: '/',
        query: new URLSearchParams(),
        headers: { ...(sent as Record<string, string>), authorization },
        body: Buffer.from(body.toString().replaceAll(':ddblocal:', ':dynoxide:')),
      });
      outgoing.writeHead(response.status, { 'content-type': JSON_TYPE });
      return outgoing.end(response.body.toString().replaceAll(':dynoxide:', ':ddblocal:'));
    };
    answer().catch((error: unknown) => outgoing.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    databases,
    close() {
      proxy.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a DynamoDB Local serves all callers in one database, under the ARNs of the deployment', async () => {
  const options = { stateDir, region: REGION, accountId: ACCOUNT, log: unexpected };
  const dynoxide = await startDynamoDb(options);
  const local = await startDynamoDbLocal(dynoxide.endpoint);
  const dynamodb = await startDynamoDb({ ...options, source: { endpoint: local.endpoint } });
  const gateway = await gatewayFor({ dynamodb: dynamodb.handle });
  const operator = new DynamoDBClient(clientConfig(gateway, 'operator'));
  const signer = new DynamoDBClient(clientConfig(gateway, 'function-sender-domains-signer'));

  const { TableDescription: table } = await operator.send(
    new CreateTableCommand({
      TableName: 'claims',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  const Item = { pk: { S: 'a' } };
  await operator.send(new PutItemCommand({ TableName: 'claims', Item }));
  const got = await signer.send(new GetItemCommand({ TableName: 'claims', Key: Item }));
  const tagged = operator.send(
    new TagResourceCommand({ ResourceArn: table!.TableArn!, Tags: [{ Key: 'a', Value: 'b' }] }),
  );

  const arn = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/claims`;
  expect(table!.TableArn).toBe(arn);
  expect(table!.LatestStreamArn).toMatch(new RegExp(`^${arn}/stream/`));
  expect(got.Item).toEqual(Item);
  await expect(tagged).resolves.toBeDefined();
  expect([...local.databases]).toEqual([`local ${REGION}`]);
  operator.destroy();
  signer.destroy();
  await gateway.close();
  await dynamodb.close();
  local.close();
  await dynoxide.close();
});
