import { connect } from 'node:net';
import { once } from 'node:events';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { DecryptCommand, GenerateDataKeyPairCommand, KMSClient } from '@aws-sdk/client-kms';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSendQuotaCommand, SESClient } from '@aws-sdk/client-ses';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AwsCall } from '../../../local/aws/call.ts';
import { startDynamoDb } from '../../../local/aws/dynoxide.ts';
import type { DynamoDb } from '../../../local/aws/dynoxide.ts';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createAuthorizer, parsePolicy } from '../../../local/aws/iam.ts';
import { createKms } from '../../../local/aws/kms.ts';
import type { Kms } from '../../../local/aws/kms.ts';
import { createRoute53 } from '../../../local/aws/route53.ts';
import type { Route53 } from '../../../local/aws/route53.ts';
import { createS3 } from '../../../local/aws/s3.ts';
import type { S3 } from '../../../local/aws/s3.ts';
import { createSqs } from '../../../local/aws/sqs.ts';
import type { Sqs } from '../../../local/aws/sqs.ts';
import {
  ACCOUNT,
  REGION,
  clientConfig,
  gatewayFor,
  refusal,
  remove,
  temporaryDirectory,
} from './stand-ins.ts';

const KEY_ID = '6f0f1e4c-0f5b-4a63-9b7f-0d6a3f1c2b7e';

let stateDir: string;
let dynamodb: DynamoDb;
let s3: S3;
let sqs: Sqs;
let kms: Kms;
let route53: Route53;
let gateway: Gateway;
let judged: AwsCall[];
let denied: string | undefined;

beforeAll(async () => {
  stateDir = temporaryDirectory();
  dynamodb = await startDynamoDb({
    stateDir,
    region: REGION,
    accountId: ACCOUNT,
    log: (line) => expect.unreachable(line),
  });
  s3 = createS3({ stateDir });
  sqs = createSqs({ stateDir, region: REGION, accountId: ACCOUNT });
  kms = createKms({ stateDir, region: REGION, accountId: ACCOUNT, keyPairsInStock: 0 });
  kms.putKey({ keyId: KEY_ID, description: '', policy: {} });
  route53 = createRoute53({ stateDir, processingMs: 0 });
  gateway = await gatewayFor(
    {
      dynamodb: dynamodb.handle,
      kms: kms.handle,
      route53: route53.handle,
      s3: s3.handle,
      sqs: sqs.handle,
    },
    {
      authorize(_, call) {
        judged.push(call);
        return call.action === denied
          ? { allowed: false, reason: 'of the test' }
          : { allowed: true };
      },
      resources: { region: REGION, accountId: ACCOUNT, kmsKeyArn: (ref) => kms.keyArnOf(ref) },
    },
  );
});

afterAll(async () => {
  await gateway.close();
  kms.close();
  route53.close();
  s3.close();
  sqs.close();
  await dynamodb.close();
  remove(stateDir);
});

beforeEach(() => {
  judged = [];
  denied = undefined;
});

const config = () => clientConfig(gateway);
const dynamodbClient = () => new DynamoDBClient(config());
const s3Client = () => new S3Client(config());
const sqsClient = () => new SQSClient(config());

const permissions = (): string[] => judged.map(({ action, resource }) => `${action} ${resource}`);
const table = (name: string): string => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const queue = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

describe('DynamoDB through the gateway', () => {
  test('keeps items, in ARNs of this region and account', async () => {
    const made = await dynamodbClient().send(
      new CreateTableCommand({
        TableName: 'claims',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'tenant', AttributeType: 'S' },
        ],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-tenant',
            KeySchema: [{ AttributeName: 'tenant', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      }),
    );
    expect(made.TableDescription?.TableArn).toBe(table('claims'));
    expect(made.TableDescription?.LatestStreamArn).toContain(`${table('claims')}/stream/`);
    const item = { pk: { S: 'a' }, tenant: { S: 't1' } };
    await dynamodbClient().send(new PutItemCommand({ TableName: 'claims', Item: item }));
    const got = await dynamodbClient().send(
      new GetItemCommand({ TableName: 'claims', Key: { pk: { S: 'a' } } }),
    );
    expect(got.Item).toEqual(item);
    expect(permissions()).toEqual([
      `dynamodb:CreateTable ${table('claims')}`,
      `dynamodb:PutItem ${table('claims')}`,
      `dynamodb:GetItem ${table('claims')}`,
    ]);
    const described = await dynamodbClient().send(
      new DescribeTableCommand({ TableName: 'claims' }),
    );
    expect(described.Table?.LatestStreamArn).toBe(made.TableDescription?.LatestStreamArn);
  });

  test('needs the index’s permission to query it, and each part’s in a transaction', async () => {
    await dynamodbClient().send(
      new QueryCommand({
        TableName: 'claims',
        IndexName: 'by-tenant',
        KeyConditionExpression: 'tenant = :t',
        ExpressionAttributeValues: { ':t': { S: 't1' } },
      }),
    );
    await dynamodbClient().send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: 'claims', Item: { pk: { S: 'b' } } } },
          {
            ConditionCheck: {
              TableName: 'claims',
              Key: { pk: { S: 'a' } },
              ConditionExpression: 'attribute_exists(pk)',
            },
          },
        ],
      }),
    );
    await dynamodbClient().send(
      new BatchWriteItemCommand({
        RequestItems: { claims: [{ PutRequest: { Item: { pk: { S: 'c' } } } }] },
      }),
    );
    expect(permissions()).toEqual([
      `dynamodb:Query ${table('claims')}/index/by-tenant`,
      `dynamodb:PutItem ${table('claims')}`,
      `dynamodb:ConditionCheckItem ${table('claims')}`,
      `dynamodb:BatchWriteItem ${table('claims')}`,
    ]);
  });

  test('refuses what is denied, before anything is written', async () => {
    denied = 'dynamodb:ConditionCheckItem';
    const transaction = dynamodbClient().send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: 'claims', Item: { pk: { S: 'never' } } } },
          {
            ConditionCheck: {
              TableName: 'claims',
              Key: { pk: { S: 'a' } },
              ConditionExpression: 'attribute_exists(pk)',
            },
          },
        ],
      }),
    );
    expect(await refusal(transaction)).toEqual({
      name: 'AccessDeniedException',
      message: expect.stringContaining('of the test'),
    });
    const got = await dynamodbClient().send(
      new GetItemCommand({ TableName: 'claims', Key: { pk: { S: 'never' } } }),
    );
    expect(got.Item).toBeUndefined();
  });
});

describe('S3 through the gateway', () => {
  test('keeps objects of any bytes, with the permissions of bucket and object', async () => {
    await s3Client().send(new CreateBucketCommand({ Bucket: 'mail' }));
    const body = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const Key = 'in/a b+ü.eml';
    await s3Client().send(new PutObjectCommand({ Bucket: 'mail', Key, Body: body }));
    const head = await s3Client().send(new HeadObjectCommand({ Bucket: 'mail', Key }));
    expect(head.ContentLength).toBe(256);
    const got = await s3Client().send(new GetObjectCommand({ Bucket: 'mail', Key }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(body);
    const listed = await s3Client().send(
      new ListObjectsV2Command({ Bucket: 'mail', Prefix: 'in/' }),
    );
    expect(listed.Contents?.map((object) => object.Key)).toEqual([Key]);
    await s3Client().send(new DeleteObjectCommand({ Bucket: 'mail', Key }));
    expect(permissions()).toEqual([
      's3:CreateBucket arn:aws:s3:::mail',
      `s3:PutObject arn:aws:s3:::mail/${Key}`,
      `s3:GetObject arn:aws:s3:::mail/${Key}`,
      `s3:GetObject arn:aws:s3:::mail/${Key}`,
      's3:ListBucket arn:aws:s3:::mail',
      `s3:DeleteObject arn:aws:s3:::mail/${Key}`,
    ]);
    expect(judged[4]?.context).toEqual({ 's3:prefix': ['in/'] });
  });

  test('says what is missing and what is denied in S3’s words', async () => {
    const missing = s3Client().send(new GetObjectCommand({ Bucket: 'mail', Key: 'none' }));
    expect((await refusal(missing)).name).toBe('NoSuchKey');
    denied = 's3:GetObject';
    const forbidden = s3Client().send(new GetObjectCommand({ Bucket: 'mail', Key: 'none' }));
    expect((await refusal(forbidden)).name).toBe('AccessDenied');
  });

  test('refuses a subresource that would be taken for something else', async () => {
    const versioning = new PutBucketVersioningCommand({
      Bucket: 'fresh',
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect((await refusal(s3Client().send(versioning))).name).toBe('NotImplemented');
  });
});

describe('SQS through the gateway', () => {
  test('gives queue URLs that lead back to the gateway', async () => {
    const { QueueUrl } = await sqsClient().send(new CreateQueueCommand({ QueueName: 'mail' }));
    expect(QueueUrl).toBe(`${gateway.url}/${ACCOUNT}/mail`);
    expect((await sqsClient().send(new GetQueueUrlCommand({ QueueName: 'mail' }))).QueueUrl).toBe(
      QueueUrl,
    );
    await sqsClient().send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    await sqsClient().send(
      new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', MessageBody: 'two' }] }),
    );
    const received = await sqsClient().send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    expect(received.Messages?.map(({ Body }) => Body)).toEqual(['one', 'two']);
    expect(permissions()).toEqual([
      `sqs:CreateQueue ${queue('mail')}`,
      `sqs:GetQueueUrl ${queue('mail')}`,
      `sqs:SendMessage ${queue('mail')}`,
      `sqs:SendMessage ${queue('mail')}`,
      `sqs:ReceiveMessage ${queue('mail')}`,
    ]);
    denied = 'sqs:SendMessage';
    const forbidden = sqsClient().send(new SendMessageCommand({ QueueUrl, MessageBody: 'three' }));
    expect((await refusal(forbidden)).name).toBe('AccessDenied');
  });

  test('a receiver that gives up is given no message', async () => {
    const { QueueUrl } = await sqsClient().send(new CreateQueueCommand({ QueueName: 'polled' }));
    const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
    const waiting = sqsClient().send(receive, { abortSignal: AbortSignal.timeout(200) });
    expect((await refusal(waiting)).name).toBe('AbortError');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sqsClient().send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const received = await sqsClient().send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }),
    );
    expect(received.Messages).toHaveLength(1);
  });
});

describe('KMS and Route 53 through the gateway', () => {
  test('the key policy decides who may have a private key in the open', async () => {
    const policy = {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
        {
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Action: 'kms:GenerateDataKeyPair',
          Resource: '*',
          Condition: { ArnNotEquals: { 'aws:PrincipalArn': role('trusted') } },
        },
      ],
    };
    kms.putKey({ keyId: KEY_ID, description: '', policy });
    const all = parsePolicy(
      { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
      'identity',
    );
    const guarded = await gatewayFor(
      { kms: kms.handle },
      {
        authorize: createAuthorizer({
          accountId: ACCOUNT,
          region: REGION,
          principals: new Map([
            ['AKIATRUSTED', { arn: role('trusted'), policies: [all] }],
            ['AKIAOTHER', { arn: role('other'), policies: [all] }],
          ]),
          resourcePolicy: (arn) => parsePolicy(kms.keyPolicy(arn), 'resource'),
        }),
        resources: { region: REGION, accountId: ACCOUNT, kmsKeyArn: (ref) => kms.keyArnOf(ref) },
      },
    );
    const generate = (accessKeyId: string) =>
      new KMSClient(clientConfig(guarded, accessKeyId)).send(
        new GenerateDataKeyPairCommand({ KeyId: KEY_ID, KeyPairSpec: 'ECC_NIST_EDWARDS25519' }),
      );
    await expect(generate('AKIATRUSTED')).resolves.toHaveProperty('PrivateKeyPlaintext');
    expect((await refusal(generate('AKIAOTHER'))).name).toBe('AccessDeniedException');
    expect((await refusal(generate('AKIANOBODY'))).message).toContain('AKIANOBODY');
    await guarded.close();
  });

  test('a Decrypt is about the key that sealed its ciphertext, with its context', async () => {
    const client = new KMSClient(config());
    const context = { tenant: 't1', domain: 'example.com' };
    const pair = await client.send(
      new GenerateDataKeyPairCommand({
        KeyId: KEY_ID,
        KeyPairSpec: 'ECC_NIST_EDWARDS25519',
        EncryptionContext: context,
      }),
    );
    await client.send(
      new DecryptCommand({
        CiphertextBlob: pair.PrivateKeyCiphertextBlob,
        EncryptionContext: context,
      }),
    );
    expect(judged).toMatchObject([
      {
        action: 'kms:GenerateDataKeyPair',
        context: { 'kms:DataKeyPairSpec': ['ECC_NIST_EDWARDS25519'] },
      },
      {
        action: 'kms:Decrypt',
        resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`,
        context: {
          'kms:EncryptionContext:tenant': ['t1'],
          'kms:EncryptionContext:domain': ['example.com'],
          'kms:EncryptionContextKeys': ['tenant', 'domain'],
        },
      },
    ]);
  });

  test('a change of records is about its zone, with its names, types and actions', async () => {
    const { id } = route53.putHostedZone('sd.example.net');
    await new Route53Client(config()).send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: id,
        ChangeBatch: {
          Changes: [
            {
              Action: 'UPSERT',
              ResourceRecordSet: {
                Name: 'A.SD.example.net.',
                Type: 'TXT',
                TTL: 60,
                ResourceRecords: [{ Value: '"x"' }],
              },
            },
          ],
        },
      }),
    );
    expect(judged).toEqual([
      {
        action: 'route53:ChangeResourceRecordSets',
        resource: `arn:aws:route53:::hostedzone/${id}`,
        context: {
          'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['a.sd.example.net'],
          'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'],
        },
      },
    ]);
  });
});

describe('the gateway itself', () => {
  test('answers for a service that has no stand-in, and for a request that names none', async () => {
    const quota = new SESClient(config()).send(new GetSendQuotaCommand({}));
    expect((await refusal(quota)).name).toBe('UnknownOperationException');
    const unsigned = await fetch(gateway.url, { method: 'POST', body: 'Action=GetSendQuota' });
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('MissingAuthenticationToken');
  });

  test('outlives clients that send half a request', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    await once(socket, 'ready');
    socket.destroy();
    await expect(fetch(gateway.url)).resolves.toHaveProperty('status', 403);
  });
});
