import { randomBytes } from 'node:crypto';
import type { ApiEvent, ApiResult } from '#shared/api/http.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoWebhookStore } from '#shared/adapters/aws/webhook-store.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { answer } from './answer.ts';
import type { SettingsPorts } from './webhooks.ts';

const env = requireEnv(Env.deployment, Env.webhooksTable);
const ports: SettingsPorts = {
  webhooks: dynamoWebhookStore(documentClient(), env[Env.webhooksTable]),
  zone: (JSON.parse(env[Env.deployment]) as Deployment).zone,
  clock: { now: () => new Date() },
  random: { bytes: (size) => randomBytes(size) },
};

/** The routes about a tenant's webhooks. */
export function handler(event: ApiEvent): Promise<ApiResult> {
  return answer(event, ports, (error) => logger.error('a request failed', error as Error));
}
