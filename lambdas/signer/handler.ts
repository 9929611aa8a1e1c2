import { randomUUID } from 'node:crypto';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamoCheckStore } from '#shared/adapters/aws/check-store.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { eventBridgeBus, eventBridgeClient } from '#shared/adapters/aws/event-bus.ts';
import { kmsClient } from '#shared/adapters/aws/key-forge.ts';
import { kmsKeyVault } from '#shared/adapters/aws/key-vault.ts';
import { mailStoreClient, s3MailStore } from '#shared/adapters/aws/mail-store.ts';
import { mailerClient, SEND_TIMEOUT_SECONDS, sesMailer } from '#shared/adapters/aws/mailer.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { dynamoRotationRuns } from '#shared/adapters/aws/rotation-runs.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import type { MendRequest } from '#shared/app/ports/rotation-requests.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { count, logger } from '#shared/runtime/log.ts';
import { decodeWork } from './decode.ts';
import { KeyCache } from './key-cache.ts';
import type { OutboundWork, SignerPorts } from './ports.ts';
import { sendBatch } from './send-batch.ts';
import { readSettings } from './settings.ts';
import { sparseSendingLog } from './sparse-sending-log.ts';
import { askForAnotherKey } from './unusable-key.ts';
import { watchFreshKeys } from './watch.ts';

const env = requireEnv(
  Env.claimsTable,
  Env.messagesTable,
  Env.checksTable,
  Env.revokedKeysTable,
  Env.wrappingKeyArn,
  Env.mailBucket,
  Env.outboundQueueUrl,
  Env.configurationSet,
  Env.eventBus,
  Env.rotationsTable,
  Env.rotationQueueUrl,
  Env.resolvers,
  Env.authoritativePort,
);
const settings = readSettings();
const dynamo = documentClient();
const sqs = sqsClient();
const clock = { now: () => new Date() };
const runs = dynamoRotationRuns(dynamo, env[Env.rotationsTable]);
const rotationQueue = sqsQueue<MendRequest>(sqs, env[Env.rotationQueueUrl]);

const ports: SignerPorts = {
  messages: dynamoMessageStore(dynamo, env[Env.messagesTable]),
  mails: s3MailStore(mailStoreClient(), env[Env.mailBucket]),
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  revokedKeys: dynamoRevokedKeys(dynamo, env[Env.revokedKeysTable]),
  keys: new KeyCache(kmsKeyVault(kmsClient(), env[Env.wrappingKeyArn])),
  mailer: sesMailer(mailerClient(), env[Env.configurationSet]),
  outbound: sqsQueue<OutboundWork>(sqs, env[Env.outboundQueueUrl]),
  sendingLog: sparseSendingLog(dynamoCheckStore(dynamo, env[Env.checksTable])),
  bus: eventBridgeBus(eventBridgeClient(), env[Env.eventBus]),
  askForAnotherKey: askForAnotherKey({ rotationQueue, runs, clock }),
  watch: watchFreshKeys({
    resolver: dnsResolver({
      resolvers: parseServers(env[Env.resolvers]),
      authoritativePort: Number(env[Env.authoritativePort]),
    }),
    runs,
    rotationQueue,
    clock,
    log: logger,
  }),
  clock,
  newLease: randomUUID,
  jitter: Math.random,
  isOutage,
  log: logger,
};

/** Left for an attempt that has just begun, and for the note of its outcome. */
const RESERVE_MS = (SEND_TIMEOUT_SECONDS + 5) * 1000;

/** Submitted mails to be signed and sent. */
export async function handler(
  { Records: records }: SQSEvent,
  context: Context,
): Promise<SQSBatchResponse> {
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS);
  const items = records.map((record) => ({ record, work: decodeWork(record.body) }));
  const readable = items.flatMap(({ record, work }) => (work ? [{ record, work }] : []));
  const unreadable = items.flatMap(({ record, work }) => (work ? [] : [record]));
  for (const { messageId } of unreadable) logger.error('not a request to send', { messageId });

  const works = readable.map(({ work }) => work);
  const { failed, counts } = await sendBatch(ports, settings, works, deadline);
  for (const [name, value] of counts) count(name, value);
  const again = [...unreadable, ...failed.map((index) => readable[index]!.record)];
  return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
