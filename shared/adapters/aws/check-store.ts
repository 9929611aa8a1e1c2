import {
  DeleteCommand,
  GetCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { KeyVerdict } from '#shared/core/model/key-verdict.ts';
import { newMemory, type CheckMemory } from '#shared/core/model/check.ts';
import type { SpfNode, SpfTerm, SpfTree } from '#shared/core/spf/tree.ts';
import type { CheckResult, RecordCheck } from '#shared/core/records/check.ts';
import type { DomainName, Label, TenantId } from '#shared/core/model/names.ts';
import {
  DUE_PARTITIONS,
  SENT_PRECISION_SECONDS,
  type CheckState,
  type CheckStore,
  type DueCheck,
} from '#shared/app/ports/check-store.ts';
import { dmarcPolicy } from './claim-store/parse.ts';
import { batchGet, isConditionFailed, queryAll } from './dynamo.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';
import { listOf, number, object, oneOf, optional, text, wholeReader, type Check } from './item.ts';
import { readable } from './readable.ts';

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
  readonly keyVerdict?: KeyVerdict;
}

const spfTerm: Check<SpfTerm> = object<SpfTerm>({
  text: text(),
  lookups: number,
  voidLookups: number,
  node: optional((value) => spfNode(value)),
});

const spfNode: Check<SpfNode> = object<SpfNode>({
  domain: text(),
  record: optional(text()),
  problem: optional(text()),
  detail: optional(text()),
  terms: listOf(spfTerm),
});

const recordCheck = object<RecordCheck>({
  id: text(),
  status: oneOf('ok', 'ok-external', 'warning', 'missing', 'wrong', 'unknown', 'preparing'),
  // Explains the status, and decides nothing; later releases may have others.
  code: optional(text()),
  observed: listOf(text()),
  hint: optional(text()),
  value: optional(text()),
  corrected: optional(text()),
  policy: optional(dmarcPolicy),
  spf: optional(object<SpfTree>({ root: spfNode, lookups: number, voidLookups: number })),
});

const checkItem = object<Item>({
  label: text(),
  tenant: text(),
  domain: text(),
  dueAt: text(),
  duePartition: text(),
  result: optional(object<CheckResult>({ checkedAt: text(), records: listOf(recordCheck) })),
  memory: optional(
    object<CheckMemory>({
      rightSlots: listOf(text()),
      brokenSince: optional(text()),
      unknownSince: optional(text()),
      silentMs: optional(number),
      identitySeenSince: optional(text()),
    }),
  ),
  lastSentAt: optional(text()),
  keyVerdict: optional(
    object<KeyVerdict>({
      keyId: text(),
      sight: oneOf('correct', 'absent'),
      at: text(),
      since: text(),
    }),
  ),
});

/** The attributes of an item in the index `due`. */
const dueCheck = object<DueCheck>({ tenant: text(), domain: text(), label: text(), dueAt: text() });

/** Check results and due times on DynamoDB. */
export function dynamoCheckStore(client: DynamoDBDocumentClient, table: string): CheckStore {
  const keyNames = ['label'];
  const itemOf = wholeReader(table, checkItem, keyNames);
  const dueOf = wholeReader(table, dueCheck, keyNames);

  /** Sets attributes of one item, other attributes stay. @returns the item, or undefined where the condition did not hold */
  async function set(
    label: Label,
    attributes: Partial<Omit<Item, 'label'>>,
    condition?: {
      expression: string;
      names?: Record<string, string>;
      values: Record<string, string>;
    },
  ): Promise<Item | undefined> {
    const names = Object.keys(attributes);
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { label },
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ExpressionAttributeNames: {
            ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
            ...condition?.names,
          },
          ExpressionAttributeValues: {
            ...Object.fromEntries(Object.entries(attributes).map(([k, v]) => [`:${k}`, v])),
            ...condition?.values,
          },
          ConditionExpression: condition?.expression,
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes && itemOf(Attributes);
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
      return item && stateOf(itemOf(item));
    },

    async results(labels) {
      const keys = labels.map((label) => ({ label }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Map(
        readable(items, itemOf).flatMap(({ label, result }) => (result ? [[label, result]] : [])),
      );
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
      // Not where the check was made or deferred in between.
      await set(
        label,
        { dueAt: soon },
        { expression: '#dueAt = :was', values: { ':was': noted.dueAt } },
      );
    },

    async verdict(label) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: { label }, ConsistentRead: true }),
      );
      return item && itemOf(item).keyVerdict;
    },

    async noteVerdict(label, verdict) {
      await set(
        label,
        { keyVerdict: verdict },
        {
          expression:
            'attribute_exists(duePartition) AND (attribute_not_exists(#keyVerdict) OR #keyVerdict.#at <= :at)',
          names: { '#at': 'at' },
          values: { ':at': verdict.at },
        },
      );
    },

    async due(partition, now, limit) {
      const query = {
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'duePartition = :partition AND dueAt <= :now',
        ExpressionAttributeValues: { ':partition': String(partition), ':now': now },
      };
      const items = await queryAll(client, query, limit);
      return readable(items, dueOf).map(({ label, tenant, domain, dueAt }) => ({
        label,
        tenant,
        domain,
        dueAt,
      }));
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
