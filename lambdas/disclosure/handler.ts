import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { dynamoDisclosureStore } from '#shared/adapters/aws/disclosure-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { kmsClient } from '#shared/adapters/aws/key-forge.ts';
import { kmsKeyVault } from '#shared/adapters/aws/key-vault.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { discloseDue } from './disclose.ts';
import type { DisclosurePorts } from './ports.ts';
import { report } from './reporting.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

const env = requireEnv(
  Env.claimsTable,
  Env.disclosuresTable,
  Env.revokedKeysTable,
  Env.wrappingKeyArn,
  Env.resolvers,
  Env.authoritativePort,
);
const dynamo = documentClient();

const ports: DisclosurePorts = {
  claims: dynamoClaimStore(dynamo, env[Env.claimsTable]),
  disclosures: dynamoDisclosureStore(dynamo, {
    disclosures: env[Env.disclosuresTable],
    claims: env[Env.claimsTable],
  }),
  revokedKeys: dynamoRevokedKeys(dynamo, env[Env.revokedKeysTable]),
  resolver: dnsResolver({
    resolvers: parseServers(env[Env.resolvers]),
    authoritativePort: Number(env[Env.authoritativePort]),
  }),
  vault: kmsKeyVault(kmsClient(), env[Env.wrappingKeyArn]),
  clock: { now: () => new Date() },
  report,
};

/** The last look begins so long after the call; the function's own time ends a minute later. */
const CALL_MS = 14 * MINUTE_MS;

/** The schedule of every day. */
export async function handler(): Promise<void> {
  await discloseDue(ports, Date.now() + CALL_MS);
}
