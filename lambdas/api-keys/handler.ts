import { randomBytes } from 'node:crypto';
import type { ApiEvent, ApiResult } from '#shared/api/http.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { answer } from './answer.ts';
import type { ApiKeyPorts } from './ports.ts';

const env = requireEnv(Env.tenantsTable);
const ports: ApiKeyPorts = {
  tenants: dynamoTenantStore(documentClient(), env[Env.tenantsTable]),
  clock: { now: () => new Date() },
  random: { bytes: (size) => randomBytes(size) },
};

/** The routes about a tenant's own API keys. */
export function handler(event: ApiEvent): Promise<ApiResult> {
  return answer(event, ports, (error) => logger.error('a request failed', error as Error));
}
