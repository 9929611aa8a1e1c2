import { randomBytes } from 'node:crypto';
import type { ApiEvent, ApiResult } from '#shared/api/http.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { mailStoreClient, s3MailStore } from '#shared/adapters/aws/mail-store.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import type { OutboundRequest } from '#shared/app/ports/queues.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { answer, type MessagePorts } from './answer.ts';

const env = requireEnv(Env.claimsTable, Env.messagesTable, Env.mailBucket, Env.outboundQueueUrl);
const dynamo = documentClient();
const ports: MessagePorts = {
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  messages: dynamoMessageStore(dynamo, env[Env.messagesTable]),
  mails: s3MailStore(mailStoreClient(), env[Env.mailBucket]),
  outbound: sqsQueue<OutboundRequest>(sqsClient(), env[Env.outboundQueueUrl]),
  clock: { now: () => new Date() },
  random: { bytes: randomBytes },
  // Empty where the operator lets none.
  unsignedAllowed: new Set((process.env[Env.unsignedAllowed] ?? '').split(',').filter(Boolean)),
};

/** The routes about messages. */
export function handler(event: ApiEvent): Promise<ApiResult> {
  return answer(event, ports, (error) =>
    logger.error('a request failed', { error, path: event.rawPath }),
  );
}
