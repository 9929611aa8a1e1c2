import { GetCommand, QueryCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { HandOverStore } from '#shared/app/ports/hand-over-store.ts';
import type { ContactOwner } from '#shared/core/model/contact.ts';
import {
  mailingEnds,
  type HandOver,
  type HandOverLink,
  type HandOverMail,
  type Mailing,
} from '#shared/core/model/hand-over.ts';
import type { ContactId } from '#shared/core/model/names.ts';
import { effectiveStates } from '#shared/core/model/recipient-batch.ts';
import { handOverChange } from '#shared/app/audit/other-changes.ts';
import type { AuditTrail } from './audit-trail.ts';
import { expiresAt, transact, type TransactWrite } from './dynamo.ts';
import {
  keyedReader,
  listOf,
  number,
  object,
  oneOf,
  optional,
  text,
  type Check,
  type Item,
} from './item.ts';
import { readable } from './readable.ts';

/** The one partition of the index `due`: a mail or two a minute are far below its limit. */
const DUE = 'due';

type Key = Pick<HandOver, 'owner' | 'contact'>;
const at = {
  handOver: ({ owner, contact }: Key) => ({ pk: `contact#${owner}#${contact}` }),
  link: (hash: string) => ({ pk: `link#${hash}` }),
};

const day: Check<HandOverMail['day']> = (value) =>
  value === 0 || value === 3 || value === 10 || value === 30 ? undefined : '';

const handOver = object<HandOver>({
  owner: text<ContactOwner>(),
  contact: text<ContactId>(),
  revision: number,
  page: text(),
  links: listOf(
    object<HandOverLink>({
      hash: text(),
      createdAt: text(),
      expiresAt: text(),
      openedAt: optional(text()),
    }),
  ),
  mails: listOf(
    object<HandOverMail>({
      day,
      at: text(),
      message: text(),
      state: oneOf(...effectiveStates),
      detail: optional(text()),
    }),
  ),
  mailing: optional(object<Mailing>({ since: text(), next: optional(day), dueAt: text() })),
  ended: optional(
    object<NonNullable<HandOver['ended']>>({ why: oneOf(...mailingEnds), at: text() }),
  ),
});
const linkItem = object<Key>({ owner: text<ContactOwner>(), contact: text<ContactId>() });

/** Hand-overs in the table `handOvers`: one item each, and one for each link, which expires with it. */
export function dynamoHandOverStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): HandOverStore {
  const readStored = keyedReader(table, handOver);
  const keyOf = keyedReader(table, linkItem);
  const read = ({ due: _due, dueAt: _dueAt, ...item }: Item) => readStored(item);

  const itemAt = async (key: { readonly pk: string }): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  const get: HandOverStore['get'] = async (owner, contact) => {
    const item = await itemAt(at.handOver({ owner, contact }));
    return item && read(item);
  };

  return {
    get,

    async byLink(hash) {
      const item = await itemAt(at.link(hash));
      if (item === undefined) return undefined;
      const { owner, contact } = keyOf(item);
      return get(owner, contact);
    },

    async put(before, next) {
      const { owner, contact, links, mailing } = next;
      const kept = new Set(links.map(({ hash }) => hash));
      const gone = (before?.links ?? []).filter(({ hash }) => !kept.has(hash));
      const condition =
        before === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'revision = :was',
              ExpressionAttributeValues: { ':was': before.revision },
            };
      const due = mailing === undefined ? {} : { due: DUE, dueAt: mailing.dueAt };
      const writes: TransactWrite[] = [
        {
          Put: { TableName: table, Item: { ...at.handOver(next), ...next, ...due }, ...condition },
        },
        ...links.map((link) => ({
          Put: {
            TableName: table,
            Item: {
              ...at.link(link.hash),
              owner,
              contact,
              expiresAt: expiresAt(link.expiresAt),
            },
          },
        })),
        ...gone.map(({ hash }) => ({ Delete: { TableName: table, Key: at.link(hash) } })),
        ...trail.entriesOf(handOverChange(before, next)),
      ];
      await transact(client, `the hand-over to ${contact}`, writes);
    },

    async due(now, limit) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'due',
          KeyConditionExpression: 'due = :due AND dueAt <= :now',
          ExpressionAttributeValues: { ':due': DUE, ':now': now },
          Limit: limit,
        }),
      );
      return readable(items, read);
    },
  };
}
