import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJsonFile, writeFileAtomically } from '../../local/aws/state-file.ts';
import type { Caller } from '../../local/runtime/aws-call.ts';
import { createPlatform } from '../platforms.ts';

/**
 * The key of the platform `local`, which is made at the first start, also of a state that an earlier
 * release left.
 *
 * @param tables the tables of platforms, tenants, webhooks and the audit log
 */
export async function localPlatformKey(
  { endpoint, region, accessKeyId }: Caller,
  tables: Readonly<Record<'platforms' | 'tenants' | 'webhooks' | 'audit', string>>,
  stateDir: string,
): Promise<string> {
  const file = join(stateDir, 'platform.json');
  const known = readJsonFile(file) as { platformKey: string } | undefined;
  if (known !== undefined) return known.platformKey;
  // Later starts do without the clients, which take a tenth of a second to load.
  const { documentClient } = await import('#shared/adapters/aws/dynamo.ts');
  const { dynamoPlatformStore } = await import('#shared/adapters/aws/platform-store.ts');
  const { operatorTrail } = await import('../operator-trail.ts');
  const client = documentClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: 'local' },
  });
  const { key: platformKey } = await createPlatform('local', {
    platforms: dynamoPlatformStore(client, tables, operatorTrail(tables.audit)),
    clock: { now: () => new Date() },
    random: { bytes: (size) => randomBytes(size) },
  });
  client.destroy();
  writeFileAtomically(file, JSON.stringify({ platformKey }));
  return platformKey;
}
