import { GetCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { SENT_PRECISION_SECONDS } from '#shared/app/ports/check-store.ts';
import type { KeyVerdicts } from '#shared/app/ports/key-verdicts.ts';
import type { SendingLog } from '#shared/app/ports/mail.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';
import type { KeyVerdict } from '#shared/core/model/key-verdict.ts';
import { checkItems, keyVerdict, verdictKey } from './check-item.ts';
import { isConditionFailed } from './dynamo.ts';
import { object, parse, type Item } from './item.ts';

const verdictItem = object<{ readonly keyVerdict: KeyVerdict }>({ keyVerdict });

/** What the checks table has for who sends: that a claim sent, and the verdict of its key. */
export function dynamoSenderChecks(
  client: DynamoDBDocumentClient,
  table: string,
): SendingLog & KeyVerdicts {
  const { set, itemOf } = checkItems(client, table);

  const read = async (key: object): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: { ...key }, ConsistentRead: true })))
      .Item;

  return {
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
      const own = await read(verdictKey(label));
      if (own !== undefined)
        return parse(verdictItem, own, { table, key: verdictKey(label) }).keyVerdict;
      // Until release 0.2 it was in the item of the claim's checks.
      const item = await read({ label });
      return item && itemOf(item).keyVerdict;
    },

    async noteVerdict(label, verdict) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: verdictKey(label),
            UpdateExpression: 'SET #keyVerdict = :verdict',
            ConditionExpression: 'attribute_not_exists(#keyVerdict) OR #keyVerdict.#at <= :at',
            ExpressionAttributeNames: { '#keyVerdict': 'keyVerdict', '#at': 'at' },
            ExpressionAttributeValues: { ':verdict': verdict, ':at': verdict.at },
          }),
        );
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
      }
    },
  };
}
