import { QueryCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TenantId } from '#shared/core/model/names.ts';
import { USE_KEPT_DAYS, type KeyUse, type KeyUses } from '#shared/app/ports/key-uses.ts';
import { expiresAfter, isConditionFailed } from './dynamo.ts';
import { keyedReader, number, object, text } from './item.ts';
import { readable } from './readable.ts';

const use = object<KeyUse & { readonly expiresAt: number }>({
  key: text(),
  tenant: text(),
  at: text(),
  address: text(),
  expiresAt: number,
});

/**
 * Uses of API keys in the table `users`: `tenant#<tenant>` / `use#<hash>`. They are not in the keys'
 * own items, which the authorizer may not write.
 */
export function dynamoKeyUses(client: DynamoDBDocumentClient, table: string): KeyUses {
  const useOf = keyedReader(table, use);
  return {
    async note({ key, tenant, at, address }) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: { pk: `tenant#${tenant}`, sk: `use#${key}` },
            UpdateExpression:
              'SET #key = :key, tenant = :tenant, #at = :at, address = :address, expiresAt = :expiresAt',
            ConditionExpression: 'attribute_not_exists(pk) OR #at < :at',
            ExpressionAttributeNames: { '#key': 'key', '#at': 'at' },
            ExpressionAttributeValues: {
              ':key': key,
              ':tenant': tenant,
              ':at': at,
              ':address': address,
              ':expiresAt': expiresAfter(at, USE_KEPT_DAYS),
            },
          }),
        );
      } catch (error) {
        // Another process noted this hour.
        if (!isConditionFailed(error)) throw error;
      }
    },

    // A tenant has at most 100 keys at a time: far below the megabyte of a page.
    async of(tenant: TenantId) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :uses)',
          ExpressionAttributeValues: { ':pk': `tenant#${tenant}`, ':uses': 'use#' },
        }),
      );
      return readable(items, useOf).map(({ key, tenant: of, at, address }) => ({
        key,
        tenant: of,
        at,
        address,
      }));
    },
  };
}
