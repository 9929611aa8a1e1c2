import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { suppressionDigest } from '#shared/core/model/suppression.ts';
import { batchGet } from './dynamo.ts';

/** The key of an address in the table `suppressions`. */
export const suppressionKey = (tenant: TenantId, address: string) => ({
  tenant,
  digest: suppressionDigest(tenant, address),
});

/**
 * Suppression lists for who changes none: one `BatchGetItem` for every 100 addresses.
 *
 * @param table the name of the table `suppressions`
 * @param age `recent`: as they were at most some seconds ago, for half the price
 */
export const dynamoSuppressed = (
  client: DynamoDBDocumentClient,
  table: string,
  age: 'latest' | 'recent' = 'latest',
): Pick<SuppressionStore, 'among'> => ({
  async among(tenant, addresses) {
    const keys = addresses.map((address) => suppressionKey(tenant, address));
    const items = await batchGet(client, table, keys, { consistent: age === 'latest' });
    const digests = new Set(items.map((item) => item['digest']));
    return new Set(addresses.filter((_, index) => digests.has(keys[index]!.digest)));
  },
});
