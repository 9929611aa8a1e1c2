import {
  DeleteCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { DisclosedKey, WaitingKey } from '#shared/core/model/disclosure.ts';
import type { KeyId, Label } from '#shared/core/model/names.ts';
import type { DisclosureStore } from '#shared/app/ports/disclosure-store.ts';
import { unchangedClaim } from './claim-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { batchGet, conditionally, transact, queryAll } from './dynamo.ts';
import { DUE, waitingItem, waitingOf } from './waiting-key.ts';

type Item = Record<string, unknown>;

const isWaiting = ({ due }: Item): boolean => due === DUE;

const at = ({ label, id }: { readonly label: Label; readonly id: KeyId }) => ({ label, keyId: id });

const disclosedOf = ({ keyId, label, privateKey, disclosedAt }: Item): DisclosedKey =>
  ({ id: keyId, label, privateKey, disclosedAt }) as unknown as DisclosedKey;

const byTime = (one: WaitingKey, other: WaitingKey): number =>
  one.dueAt < other.dueAt ? -1 : Number(one.dueAt > other.dueAt);

const what = ({ id }: { readonly id: KeyId }) => `the private half of ${id}`;

const unchanged = (revision: number) => ({
  ConditionExpression: 'revision = :was',
  ExpressionAttributeValues: { ':was': revision },
});

/**
 * Private halves in the table `disclosures`: `<label>` / `<key id>`.
 *
 * @param tables the names of the tables
 */
export function dynamoDisclosureStore(
  client: DynamoDBDocumentClient,
  { disclosures: table, claims }: { readonly disclosures: string; readonly claims: string },
): DisclosureStore {
  return {
    async due(now, { cursor, limit }) {
      const name = `due by ${now}`;
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'due',
          KeyConditionExpression: 'due = :due AND dueAt <= :now',
          ExpressionAttributeValues: { ':due': DUE, ':now': now },
          ExclusiveStartKey:
            cursor === undefined ? undefined : (JSON.parse(decodeCursor(name, cursor)) as Item),
          Limit: limit,
        }),
      );
      const keys = (page.Items ?? []).map((item) => ({
        label: item['label'] as string,
        keyId: item['keyId'] as string,
      }));
      const items = await batchGet(client, table, keys, { consistent: true });
      const last = page.LastEvaluatedKey;
      return {
        // The index lags: what was postponed or published meanwhile is left out.
        keys: items
          .filter(({ due, dueAt }) => due === DUE && (dueAt as string) <= now)
          .map(waitingOf)
          .toSorted(byTime),
        cursor: last && encodeCursor(name, JSON.stringify(last)),
      };
    },

    async of(label) {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'label = :label',
        ExpressionAttributeValues: { ':label': label },
        ConsistentRead: true,
      });
      return {
        waiting: items.filter(isWaiting).map(waitingOf),
        disclosed: items.filter((item) => !isWaiting(item)).map(disclosedOf),
      };
    },

    async put(key) {
      const put = { TableName: table, Item: waitingItem(key), ...unchanged(key.revision - 1) };
      await conditionally(what(key), () => client.send(new PutCommand(put)));
    },

    async forget(key) {
      const removed = { TableName: table, Key: at(key), ...unchanged(key.revision) };
      await conditionally(what(key), () => client.send(new DeleteCommand(removed)));
    },

    async publish(key, { id, label, ...disclosed }, claim) {
      const item = { ...at({ id, label }), ...disclosed };
      await transact(client, what(key), [
        { Put: { TableName: table, Item: item, ...unchanged(key.revision) } },
        { ConditionCheck: { TableName: claims, ...unchangedClaim(claim) } },
      ]);
    },
  };
}
