import { QueryCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  COUNT_DAYS,
  type CountsKey,
  type DayCounts,
  type MailCounts,
} from '#shared/app/ports/mail-counts.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { submissionChannels } from '#shared/core/model/message.ts';
import { batchGet, expiresAfter } from './dynamo.ts';
import { keyedReader, mapOf, number } from './item.ts';

const at = ({ tenant, domain, day }: CountsKey) => ({
  pk: `tenant#${tenant}`,
  sk: `mails#${domain}#${day}`,
});

/** Counts in the table `budgets`: an item for a day of a domain, with an attribute for each channel. */
export function dynamoMailCounts(client: DynamoDBDocumentClient, table: string): MailCounts {
  const countsOf = keyedReader(table, mapOf(number));
  return {
    async add(key, channel) {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: at(key),
          UpdateExpression: 'ADD #channel :one SET expiresAt = :expiresAt',
          ExpressionAttributeNames: { '#channel': channel },
          ExpressionAttributeValues: {
            ':one': 1,
            ':expiresAt': expiresAfter(key.day, COUNT_DAYS + 1),
          },
        }),
      );
    },

    async domains(tenant, most) {
      const found: DomainName[] = [];
      // One read for each domain, however many days it has.
      for (let after = 'mails#'; found.length < most;) {
        const { Items: items = [] } = await client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :end',
            // "$" comes after the "#" that ends a domain, and after the kind.
            ExpressionAttributeValues: {
              ':pk': `tenant#${tenant}`,
              ':after': after,
              ':end': 'mails$',
            },
            Limit: 1,
          }),
        );
        const domain = /^mails#([^#]+)#/.exec(String(items[0]?.['sk']))?.[1];
        if (domain === undefined) break;
        found.push(domain as DomainName);
        after = `mails#${domain}$`;
      }
      return found;
    },

    async read(of, days) {
      const keys = days.map((day) => at({ ...of, day }));
      const items = await batchGet(client, table, keys, { consistent: true });
      const found = new Map(items.map((item) => [item['sk'], countsOf(item)]));
      return keys.map(({ sk }) => channelsOf(found.get(sk) ?? {}));
    },
  };
}

/** The counts without the item's other numbers. */
const channelsOf = (item: Readonly<Record<string, number>>): DayCounts =>
  Object.fromEntries(
    submissionChannels.flatMap((channel) => {
      const count = item[channel];
      return count === undefined ? [] : [[channel, count]];
    }),
  );
