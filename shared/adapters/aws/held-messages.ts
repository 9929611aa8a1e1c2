import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mapLimited } from '#shared/async/limit.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { HeldMessage, HeldMessages } from '#shared/app/ports/held-messages.ts';
import { MESSAGE_DAYS } from '#shared/app/ports/message-store.ts';
import { atTenant } from './api-keys.ts';
import { expiresAfter, isConditionFailed, transact } from './dynamo.ts';
import { object, text, wholeReader } from './item.ts';
import { atMessage } from './message-store.ts';
import { readable } from './readable.ts';

const PAGE = 100;
const WRITES_AT_ONCE = 10;

const heldMessage = object<HeldMessage>({
  tenant: text(),
  id: text(),
  createdAt: text(),
  suspension: text(),
});

const at = ({ tenant, id, createdAt }: Omit<HeldMessage, 'suspension'>) => ({
  pk: `held#${tenant}`,
  sk: `${createdAt}#${id}`,
});

/**
 * Held messages in the table `messages`: beside the mail's own item, one under `held#<tenant>` /
 * `<createdAt>#<id>`, written in the same transaction, which checks the tenant's state.
 */
export function dynamoHeldMessages(
  client: DynamoDBDocumentClient,
  tables: { readonly messages: string; readonly tenants: string },
): HeldMessages {
  const heldOf = wholeReader(tables.messages, heldMessage, ['pk', 'sk']);

  return {
    async hold({ tenant, id, createdAt }, hold) {
      const { suspension } = hold;
      const listed: HeldMessage = { tenant, id, createdAt, suspension };
      try {
        await transact(client, `the hold of message ${id}`, [
          {
            ConditionCheck: {
              TableName: tables.tenants,
              Key: atTenant(tenant),
              ConditionExpression: '#state.#status = :suspended AND #state.#since = :suspension',
              ExpressionAttributeNames: {
                '#state': 'state',
                '#status': 'status',
                '#since': 'since',
              },
              ExpressionAttributeValues: { ':suspended': 'suspended', ':suspension': suspension },
            },
          },
          {
            Update: {
              TableName: tables.messages,
              Key: atMessage(tenant, id),
              UpdateExpression: 'SET #message.#held = :held',
              ConditionExpression: 'attribute_exists(pk)',
              ExpressionAttributeNames: { '#message': 'message', '#held': 'held' },
              ExpressionAttributeValues: { ':held': hold },
            },
          },
          {
            Put: {
              TableName: tables.messages,
              Item: {
                ...at(listed),
                ...listed,
                expiresAt: expiresAfter(createdAt, MESSAGE_DAYS),
              },
            },
          },
        ]);
        return true;
      } catch (error) {
        if (error instanceof Conflict) return false;
        throw error;
      }
    },

    async endHold({ tenant, id }, suspension) {
      await conditionally(
        client.send(
          new UpdateCommand({
            TableName: tables.messages,
            Key: atMessage(tenant, id),
            UpdateExpression: 'REMOVE #message.#held',
            ConditionExpression: '#message.#held.#suspension = :suspension',
            ExpressionAttributeNames: {
              '#message': 'message',
              '#held': 'held',
              '#suspension': 'suspension',
            },
            ExpressionAttributeValues: { ':suspension': suspension },
          }),
        ),
      );
    },

    async list(tenant, cursor) {
      const pk = `held#${tenant}`;
      const page = await client.send(
        new QueryCommand({
          TableName: tables.messages,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ConsistentRead: true,
          Limit: PAGE,
          ExclusiveStartKey: cursor === undefined ? undefined : { pk, sk: cursor },
        }),
      );
      return {
        messages: readable(page.Items ?? [], heldOf),
        cursor: page.LastEvaluatedKey?.['sk'] as string | undefined,
      };
    },

    async forget(messages) {
      await mapLimited(messages, { tasks: WRITES_AT_ONCE }, (message) =>
        conditionally(
          client.send(
            new DeleteCommand({
              TableName: tables.messages,
              Key: at(message),
              ConditionExpression: 'suspension = :suspension',
              ExpressionAttributeValues: { ':suspension': message.suspension },
            }),
          ),
        ),
      );
    },
  };
}

/** Where the condition does not hold, there is nothing to be done. */
async function conditionally(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}
