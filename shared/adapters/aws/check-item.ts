import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { KeyVerdict } from '#shared/core/model/key-verdict.ts';
import type { CheckMemory } from '#shared/core/model/check.ts';
import type { SpfNode, SpfTerm, SpfTree } from '#shared/core/spf/tree.ts';
import type { CheckResult, RecordCheck } from '#shared/core/records/check.ts';
import type { DomainName, Label, TenantId } from '#shared/core/model/names.ts';
import type { CheckLock } from '#shared/app/ports/check-store.ts';
import { dmarcPolicy } from './claim-store/parse.ts';
import { isConditionFailed } from './dynamo.ts';
import { listOf, number, object, oneOf, optional, text, wholeReader, type Check } from './item.ts';

/** An item of the checks table; `duePartition` and `dueAt` are the key of its index `due`. */
export interface CheckItem {
  readonly label: Label;
  readonly tenant: TenantId;
  readonly domain: DomainName;
  readonly dueAt: string;
  readonly duePartition: string;
  readonly result?: CheckResult;
  readonly memory?: CheckMemory;
  readonly lastSentAt?: string;
  /** Of release 0.2; the verdict has an item of its own since. */
  readonly keyVerdict?: KeyVerdict;
  readonly requestedAt?: string;
  readonly lock?: CheckLock;
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

export const keyVerdict = object<KeyVerdict>({
  keyId: text(),
  sight: oneOf('correct', 'absent'),
  at: text(),
  since: text(),
});

/**
 * The key of a verdict's own item, which has no due time: a write costs a unit, where one of the item
 * with all results, which the index has once more, costs six.
 */
export const verdictKey = (label: Label) => ({ label: `${label}#key` });

const checkItem = object<CheckItem>({
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
      amissSince: optional(text()),
    }),
  ),
  lastSentAt: optional(text()),
  keyVerdict: optional(keyVerdict),
  requestedAt: optional(text()),
  lock: optional(object<CheckLock>({ owner: text(), since: text(), until: text() })),
});

/** A condition of a write, with the names and values that it needs. */
export interface Condition {
  readonly expression?: string;
  readonly names?: Record<string, string>;
  readonly values?: Record<string, string>;
  /** Attributes to remove. */
  readonly remove?: readonly 'lock'[];
  /** Attributes to set where the item does not have them. */
  readonly absent?: Partial<CheckItem>;
}

/** Reads and writes items of the checks table. */
export function checkItems(client: DynamoDBDocumentClient, table: string) {
  const itemOf = wholeReader(table, checkItem, ['label']);

  /**
   * Sets and removes attributes of one item; other attributes stay.
   *
   * @returns the item, or undefined where the condition did not hold
   */
  async function set(
    label: Label,
    attributes: Partial<Omit<CheckItem, 'label'>>,
    { expression, names, values, remove = [], absent = {} }: Condition = {},
  ): Promise<CheckItem | undefined> {
    const all = { ...attributes, ...absent };
    const keys = Object.keys(all);
    const sets = keys
      .map((name) =>
        name in absent ? `#${name} = if_not_exists(#${name}, :${name})` : `#${name} = :${name}`,
      )
      .join(', ');
    const removes = remove.map((name) => `#${name}`).join(', ');
    try {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { label },
          UpdateExpression: [
            sets === '' ? [] : `SET ${sets}`,
            removes === '' ? [] : `REMOVE ${removes}`,
          ]
            .flat()
            .join(' '),
          ExpressionAttributeNames: {
            ...Object.fromEntries([...keys, ...remove].map((name) => [`#${name}`, name])),
            ...names,
          },
          ExpressionAttributeValues: {
            ...Object.fromEntries(Object.entries(all).map(([k, v]) => [`:${k}`, v])),
            ...values,
          },
          ConditionExpression: expression,
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes && itemOf(Attributes);
    } catch (error) {
      if (expression !== undefined && isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  return { set, itemOf };
}
