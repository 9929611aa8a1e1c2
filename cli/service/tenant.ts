import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJsonFile, writeFileAtomically } from '../../local/aws/state-file.ts';
import { apiKeyOf, apiKeyPrefix, hashApiKey } from '#shared/core/model/api-key.ts';
import { tenantIdOf } from '#shared/core/model/names.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import type { Caller } from '../../local/runtime/aws-call.ts';

/**
 * The API key of the tenant `local`, who is made at the first start.
 *
 * @param tables those of tenants and of the audit log
 */
export async function localApiKey(
  { endpoint, region, accessKeyId }: Caller,
  tables: { readonly tenants: string; readonly audit: string },
  stateDir: string,
): Promise<string> {
  const file = join(stateDir, 'tenant.json');
  const known = readJsonFile(file) as { apiKey: string } | undefined;
  if (known !== undefined) return known.apiKey;
  // Later starts do without the clients, which take a tenth of a second to load.
  const { documentClient } = await import('#shared/adapters/aws/dynamo.ts');
  const { dynamoTenantStore } = await import('#shared/adapters/aws/tenant-store.ts');
  const { operatorTrail } = await import('../operator-trail.ts');
  const client = documentClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: 'local' },
  });
  const apiKey = apiKeyOf(randomBytes(32));
  const createdAt = new Date().toISOString();
  const id = tenantIdOf(randomBytes(16));
  await dynamoTenantStore(client, tables.tenants, operatorTrail(tables.audit)).create(
    { id, name: 'local', createdAt },
    {
      hash: hashApiKey(apiKey),
      tenant: id,
      prefix: apiKeyPrefix(apiKey),
      scopes: allScopes,
      madeBy: { kind: 'operator' },
      createdAt,
    },
  );
  client.destroy();
  writeFileAtomically(file, JSON.stringify({ apiKey }));
  return apiKey;
}
