import {
  DeleteCommand,
  GetCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { newMemory, type CheckMemory } from '#shared/core/model/check.ts';
import type { CheckResult } from '#shared/core/records/check.ts';
import type { DomainName, Label, TenantId } from '#shared/core/model/names.ts';
import {
  DUE_PARTITIONS,
  SENT_PRECISION_SECONDS,
  type CheckState,
  type CheckStore,
} from '#shared/app/ports/check-store.ts';
import { batchGet, isConditionFailed, queryAll } from './dynamo.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';

/** An item of the checks table; `duePartition` and `dueAt` are the key of its index `due`. */
interface Item {
  readonly label: Label;
  readonly tenant: TenantId;
  readonly domain: DomainName;
  readonly dueAt: string;
  readonly duePartition: string;
  readonly result?: CheckResult;
  readonly memory?: CheckMemory;
  readonly lastSentAt?: string;
}

/** Check results and due times on DynamoDB. */
export function dynamoCheckStore(client: DynamoDBDocumentClient, table: string): CheckStore {
  /** Sets attributes of one item, other attributes stay. @returns the item, or undefined where the condition did not hold */
  async function set(
    label: Label,
    attributes: Partial<Omit<Item, 'label'>>,
    condition?: { expression: string; values: Record<string, string> },
  ): Promise<Item | undefined> {
    const names = Object.keys(attributes);
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { label },
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(Object.entries(attributes).map(([k, v]) => [`:${k}`, v])),
            ...condition?.values,
          },
          ConditionExpression: condition?.expression,
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes as Item;
    } catch (error) {
      if (condition !== undefined && isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  return {
    async get(label) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: { label }, ConsistentRead: true }),
      );
      return item && stateOf(item as Item);
    },

    async results(labels) {
      const keys = labels.map((label) => ({ label }));
      const items = (await batchGet(client, table, keys, {
        consistent: true,
      })) as unknown as Item[];
      return new Map(items.flatMap(({ label, result }) => (result ? [[label, result]] : [])));
    },

    async schedule({ label, tenant, domain, dueAt }) {
      await set(label, { tenant, domain, ...dueKey(label, dueAt) });
    },

    async record({ label, tenant, domain, result, memory, dueAt }) {
      await set(
        label,
        { tenant, domain, result, memory, ...dueKey(label, dueAt) },
        {
          expression: 'attribute_not_exists(#result) OR #result.checkedAt <= :checkedAt',
          values: { ':checkedAt': result.checkedAt },
        },
      );
    },

    async noteSent(label, at) {
      const sentAt = new Date(at);
      const precisely = new Date(sentAt.getTime() - SENT_PRECISION_SECONDS * 1000).toISOString();
      const noted = await set(
        label,
        { lastSentAt: sentAt.toISOString() },
        {
          expression:
            'attribute_exists(duePartition) AND (attribute_not_exists(#lastSentAt) OR #lastSentAt <= :precisely)',
          values: { ':precisely': precisely },
        },
      );
      const soon = later(sentAt, HOUR_MS);
      if (noted === undefined || noted.dueAt <= soon) return;
      // Not where the check was made or put off in between.
      await set(
        label,
        { dueAt: soon },
        { expression: '#dueAt = :was', values: { ':was': noted.dueAt } },
      );
    },

    async due(partition, now, limit) {
      const query = {
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'duePartition = :partition AND dueAt <= :now',
        ExpressionAttributeValues: { ':partition': String(partition), ':now': now },
      };
      const items = (await queryAll(client, query, limit)) as unknown as Item[];
      return items.map(({ label, tenant, domain, dueAt }) => ({ label, tenant, domain, dueAt }));
    },

    async lease({ label, dueAt }, until) {
      const leased = await set(
        label,
        { dueAt: until },
        { expression: '#dueAt = :was', values: { ':was': dueAt } },
      );
      return leased !== undefined;
    },

    async forget(label) {
      await client.send(new DeleteCommand({ TableName: table, Key: { label } }));
    },
  };
}

const dueKey = (label: Label, dueAt: string) => ({
  dueAt,
  duePartition: String(partitionOf(label)),
});

/** Labels are random, so their first character spreads them evenly: two of the 32 to a partition. */
function partitionOf(label: Label): number {
  const value = 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(label.charAt(0));
  return Math.floor((value * DUE_PARTITIONS) / 32);
}

const stateOf = ({ duePartition: _partition, memory = newMemory, ...rest }: Item): CheckState => ({
  ...rest,
  memory,
});
