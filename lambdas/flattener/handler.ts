import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoFlatteningStore } from '#shared/adapters/aws/flattening-store.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { lookAtDue, type FlattenerPorts } from './look.ts';

const env = requireEnv(
  Env.deployment,
  Env.claimsTable,
  Env.flatteningsTable,
  Env.resolvers,
  Env.authoritativePort,
);
const dynamo = documentClient();

const ports: FlattenerPorts = {
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  flattenings: dynamoFlatteningStore(dynamo, env[Env.flatteningsTable]),
  resolver: dnsResolver({
    resolvers: parseServers(env[Env.resolvers]),
    authoritativePort: Number(env[Env.authoritativePort]),
  }),
  deployment: JSON.parse(env[Env.deployment]) as Deployment,
  clock: { now: () => new Date() },
};

/** The schedule of every minute. */
export async function handler(): Promise<void> {
  await lookAtDue(ports, ({ domain, include }, outcome) => {
    if (outcome === 'unchanged') return;
    const about = { domain, include, outcome };
    if (outcome === 'held' || outcome === 'failed') logger.warn('a flattened include', about);
    else logger.info('a flattened include', about);
  });
}
