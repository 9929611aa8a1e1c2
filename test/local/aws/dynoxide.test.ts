import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDynamoDb } from '../../../local/aws/dynoxide.ts';
import { ACCOUNT, REGION, remove, temporaryDirectory } from './stand-ins.ts';

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
  await expect.poll(alive, { timeout: 5000 }).toBe(false);

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
