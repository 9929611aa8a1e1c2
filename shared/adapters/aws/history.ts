import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ClaimKey } from '#shared/core/model/claim.ts';
import type { DomainEvent } from '#shared/core/model/event.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { HISTORY_DAYS, type History } from '#shared/app/ports/history.ts';
import { conditionally, expiresAfter, newestFirst } from './dynamo.ts';
import { anything, both, keyedReader, mapOf, object, text } from './item.ts';
import { readable } from './readable.ts';

const partition = ({ tenant, domain }: ClaimKey) => `${tenant}#${domain}`;

const domainEvent = object<DomainEvent>({
  id: text(),
  // Shown, and decides nothing.
  type: text(),
  tenant: text(),
  at: text(),
  data: both(mapOf(anything), object<{ readonly domain: DomainName }>({ domain: text() })),
});

/**
 * The table `events`: `<tenant>#<domain>` / `<at>#<event id>`. The same event has the same key and
 * the same item, so that putting it again changes nothing.
 */
export function dynamoHistory(client: DynamoDBDocumentClient, table: string): History {
  const eventOf = keyedReader(table, domainEvent);

  return {
    async note(event) {
      const { tenant, at, id, data } = event;
      const item = {
        pk: partition({ tenant, domain: data.domain }),
        sk: `${at}#${id}`,
        expiresAt: expiresAfter(at, HISTORY_DAYS),
        ...event,
      };
      await conditionally(`event ${id}`, () =>
        client.send(new PutCommand({ TableName: table, Item: item })),
      );
    },

    async of(key, page) {
      const { items, cursor } = await newestFirst(client, table, partition(key), page);
      return {
        events: readable(items, ({ expiresAt: _expiresAt, ...item }) => eventOf(item)),
        cursor,
      };
    },
  };
}
