import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { dynamoWebhookStore } from '#shared/adapters/aws/webhook-store.ts';
import { addressesBy } from '#shared/adapters/dns/addresses.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { publicPost } from '#shared/adapters/webhooks/post.ts';
import { handle, type WebhookMessage, type WebhookPorts } from './deliver.ts';

const env = requireEnv(
  Env.webhooksTable,
  Env.webhookQueueUrl,
  Env.resolvers,
  Env.authoritativePort,
);
const resolver = dnsResolver({
  resolvers: parseServers(env[Env.resolvers]),
  authoritativePort: Number(env[Env.authoritativePort]),
});

const ports: WebhookPorts = {
  webhooks: dynamoWebhookStore(documentClient(), env[Env.webhooksTable]),
  queue: sqsQueue(sqsClient(), env[Env.webhookQueueUrl]),
  post: publicPost(addressesBy(resolver)),
  clock: { now: () => new Date() },
  random: Math.random,
};

/** Events from the bus, and their deliveries to tenants' endpoints. */
export async function handler({ Records: records }: SQSEvent): Promise<SQSBatchResponse> {
  const ended = await Promise.allSettled(
    records.map(async ({ body }) => handle(JSON.parse(body) as WebhookMessage, ports)),
  );
  const failed = records.filter((_, index) => {
    const end = ended[index];
    if (end?.status !== 'rejected') return false;
    logger.error('a webhook message failed', end.reason as Error);
    return true;
  });
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
