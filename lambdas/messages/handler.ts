import { randomBytes } from 'node:crypto';
import {
  json,
  problemResult,
  readQuery,
  requireScope,
  type ApiEvent,
  type ApiResult,
} from '#shared/api/http.ts';
import { messagesQuery } from '#shared/api/message-schemas.ts';
import { isInternal } from '#shared/api/problem.ts';
import { matchRoute, routes } from '#shared/api/routes.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { mailStoreClient, s3MailStore } from '#shared/adapters/aws/mail-store.ts';
import { dynamoMessageStore } from '#shared/adapters/aws/message-store.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { isMessageId, type TenantId } from '#shared/core/model/names.ts';
import type { OutboundRequest } from '#shared/app/ports/queues.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { listMessages } from './list.ts';
import { messageDocumentOf } from './document.ts';
import { readSubmission } from './requests.ts';
import { submitMail, type SubmitPorts } from './submit.ts';

const env = requireEnv(Env.claimsTable, Env.messagesTable, Env.mailBucket, Env.outboundQueueUrl);
const dynamo = documentClient();
const messages = dynamoMessageStore(dynamo, env[Env.messagesTable]);
const ports: SubmitPorts = {
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  messages,
  mails: s3MailStore(mailStoreClient(), env[Env.mailBucket]),
  outbound: sqsQueue<OutboundRequest>(sqsClient(), env[Env.outboundQueueUrl]),
  clock: { now: () => new Date() },
  random: { bytes: randomBytes },
  // Empty where the operator lets none.
  unsignedAllowed: new Set((process.env[Env.unsignedAllowed] ?? '').split(',').filter(Boolean)),
};

/** The routes about messages. */
export async function handler(event: ApiEvent): Promise<ApiResult> {
  try {
    const match = matchRoute(event.requestContext.http.method, event.rawPath);
    if (match.kind === 'found' && match.operation === 'submitMessage') {
      const tenant = requireScope(event, routes.submitMessage.scope);
      const id = await submitMail(ports, { tenant, ...readSubmission(event) });
      return json(202, { id, status: 'accepted' }, { location: `/v1/messages/${id}` });
    }
    if (match.kind === 'found' && match.operation === 'listMessages') {
      const tenant = requireScope(event, routes.listMessages.scope);
      const query = readQuery(event, messagesQuery);
      return json(200, await listMessages(messages, { tenant, ...query }));
    }
    if (match.kind === 'found' && match.operation === 'getMessage') {
      const tenant = requireScope(event, routes.getMessage.scope);
      return json(200, await statusOf(tenant, match.params['id'] as string));
    }
    throw new Refusal('not-found', 'There is no such route.');
  } catch (error) {
    if (isInternal(error)) logger.error('a request failed', { error, path: event.rawPath });
    return problemResult(error);
  }
}

async function statusOf(tenant: TenantId, id: string) {
  const stored = isMessageId(id) ? await messages.get(tenant, id) : undefined;
  if (stored !== undefined) return messageDocumentOf(stored);
  throw new Refusal('not-found', 'There is no such message; messages are kept for 90 days.');
}
