import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import type { DelegatedZoneStore } from '#shared/app/ports/delegated-zones.ts';
import { conditionally, queryAll } from './dynamo.ts';
import { number, object, oneOf, optional, parse, text, type Item } from './item.ts';

const delegatedZone = object<DelegatedZone>({
  domain: text(),
  tenant: text(),
  label: text(),
  state: oneOf('making', 'serving', 'withdrawn'),
  since: text(),
  callerReference: text(),
  set: text(),
  zoneId: optional(text()),
  version: number,
});

/** One partition: an account has at most some thousand zones. */
const PARTITION = 'zone';

/**
 * The table `delegated-zones`: an item is a `DelegatedZone` under its domain.
 *
 * @param table the table's name
 */
export function dynamoDelegatedZones(
  client: DynamoDBDocumentClient,
  table: string,
): DelegatedZoneStore {
  const zoneOf = ({ pk, ...zone }: Item): DelegatedZone =>
    parse(delegatedZone, zone, { table, key: { pk, domain: zone['domain'] } });

  return {
    async get(domain) {
      const key = { pk: PARTITION, domain };
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: key, ConsistentRead: true }),
      );
      return item === undefined ? undefined : zoneOf(item);
    },

    async list() {
      const items = await queryAll(client, {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': PARTITION },
      });
      return items.map(zoneOf);
    },

    async put(next) {
      await conditionally(`the zone of ${next.domain}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: { pk: PARTITION, ...next },
            ...(next.version === 1
              ? { ConditionExpression: 'attribute_not_exists(pk)' }
              : isAt(next.version - 1)),
          }),
        ),
      );
    },

    async delete({ domain, version }) {
      await conditionally(`the zone of ${domain}`, () =>
        client.send(
          new DeleteCommand({
            TableName: table,
            Key: { pk: PARTITION, domain },
            ...isAt(version),
          }),
        ),
      );
    },
  };
}

const isAt = (version: number) => ({
  ConditionExpression: '#version = :before',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':before': version },
});
