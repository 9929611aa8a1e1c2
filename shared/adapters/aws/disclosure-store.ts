import {
  DeleteCommand,
  PutCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { DisclosedKey, WaitingKey } from '#shared/core/model/disclosure.ts';
import type { KeyId, Label } from '#shared/core/model/names.ts';
import type { DisclosureStore } from '#shared/app/ports/disclosure-store.ts';
import { unchangedClaim } from './claim-store/keys.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { batchGet, conditionally, transact, queryAll } from './dynamo.ts';
import { object, parse, text, type Item } from './item.ts';
import { readable } from './readable.ts';
import { DUE, waitingItem, waitingOf } from './waiting-key.ts';

const at = ({ label, id }: { readonly label: Label; readonly id: KeyId }) => ({ label, keyId: id });

const disclosedKey = object<DisclosedKey>({
  id: text(),
  label: text(),
  privateKey: text(),
  disclosedAt: text(),
});

const isWaiting = ({ due }: Item): boolean => due === DUE;

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
  const waitingIn = (items: readonly Item[]) => readable(items, (item) => waitingOf(table, item));
  const disclosedOf = ({ keyId, ...rest }: Item): DisclosedKey =>
    parse(disclosedKey, { id: keyId, ...rest }, { table, key: { label: rest['label'], keyId } });

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
        keys: waitingIn(items.filter(isWaiting))
          .filter(({ dueAt }) => dueAt <= now)
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
        waiting: waitingIn(items.filter(isWaiting)),
        disclosed: readable(
          items.filter((item) => !isWaiting(item)),
          disclosedOf,
        ),
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
