import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  UpdateCommand,
  paginateScan,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import {
  identityStages,
  type Identity,
  type IdentityStore,
  type IdentityView,
} from '#shared/app/ports/identities.ts';
import type { TimeSlots } from '#shared/app/ports/time-slots.ts';
import { sendingStatuses } from '#shared/core/model/check.ts';
import type { Label } from '#shared/core/model/names.ts';
import { batchGet, conditionally, isConditionFailed } from './dynamo.ts';
import { flag, object, oneOf, optional, text, wholeReader, number, type Item } from './item.ts';
import { readable } from './readable.ts';
import { dynamoTimeSlots } from './time-slots.ts';

/** An identity as it is stored. Releases up to 0.2 wrote neither stage nor version: all were made here. */
type StoredIdentity = Omit<Identity, 'stage' | 'version'> & Partial<Identity>;

const storedIdentity = object<StoredIdentity>({
  domain: text(),
  stage: optional(oneOf(...identityStages)),
  madeBy: optional(text()),
  status: oneOf('preparing', 'ready', 'failed'),
  token: optional(text()),
  mailFrom: optional(text()),
  keepsMailFrom: optional(flag),
  requestedAt: text(),
  polledAt: text(),
  version: optional(number),
});

type StoredView = IdentityView & { readonly domain: string };

const storedView = object<StoredView>({
  domain: text(),
  label: text(),
  status: oneOf(...sendingStatuses),
  token: optional(text()),
  hasMailFrom: optional(flag),
  polledAt: text(),
  retryAt: optional(text()),
});

/** The keys of the items that are no identity; a domain has no `#` in it. */
const at = {
  view: (label: Label) => ({ domain: `claim#${label}` }),
  quota: { domain: 'quota#' },
  turns: { domain: 'turns#' },
} as const;
const isIdentity = ({ domain }: Item): boolean => !String(domain).includes('#');

/**
 * The table `identities`: an item a domain, which is the `Identity`; `claim#<label>`, the claim's
 * view of it; `quota#`, how many identities the account has; `turns#`, when SES may be called next.
 */
export function dynamoIdentityStore(client: DynamoDBDocumentClient, table: string): IdentityStore {
  const readStored = wholeReader(table, storedIdentity, ['domain']);
  const identityOf = (item: Item): Identity => ({ stage: 'made', version: 0, ...readStored(item) });
  const readView = wholeReader(table, storedView, ['domain']);
  const viewOf = (item: Item): IdentityView => {
    const { domain: _, ...view } = readView(item);
    return view;
  };
  const readQuota = wholeReader(
    table,
    object<{ domain: string; used: number }>({ domain: text(), used: number }),
    ['domain'],
  );
  const get = async (key: { readonly domain: string }): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  return {
    async get(domain) {
      const item = await get({ domain });
      return item && identityOf(item);
    },

    async getMany(domains) {
      const keys = domains.map((domain) => ({ domain }));
      const items = await batchGet(client, table, keys, { consistent: true });
      return new Map(items.map(identityOf).map((found) => [found.domain, found]));
    },

    async put(next, before) {
      const written: Identity = { ...next, version: (before?.version ?? 0) + 1 };
      const write = { TableName: table, Item: { ...written }, ...unchanged(before) };
      await conditionally(`the identity of ${next.domain}`, () =>
        client.send(new PutCommand(write)),
      );
      return written;
    },

    async delete(identity) {
      const { domain } = identity;
      await conditionally(`the identity of ${domain}`, () =>
        client.send(
          new DeleteCommand({ TableName: table, Key: { domain }, ...unchanged(identity) }),
        ),
      );
    },

    async *all() {
      for await (const { Items: items = [] } of paginateScan({ client }, { TableName: table })) {
        yield readable(items.filter(isIdentity), identityOf);
      }
    },

    async views(labels) {
      const items = await batchGet(client, table, labels.map(at.view), { consistent: true });
      return new Map(items.map(viewOf).map((view) => [view.label, view]));
    },

    async putView(view) {
      const item = { ...at.view(view.label), ...view };
      await client.send(new PutCommand({ TableName: table, Item: item }));
    },

    async deleteView(label) {
      await client.send(new DeleteCommand({ TableName: table, Key: at.view(label) }));
    },

    async used() {
      const item = await get(at.quota);
      return item && readQuota(item).used;
    },

    async noteUsed(used) {
      await client.send(new PutCommand({ TableName: table, Item: { ...at.quota, used } }));
    },

    async addUsed(difference) {
      const update = new UpdateCommand({
        TableName: table,
        Key: at.quota,
        UpdateExpression: 'SET #used = #used + :difference',
        ConditionExpression: 'attribute_exists(#used)',
        ExpressionAttributeNames: { '#used': 'used' },
        ExpressionAttributeValues: { ':difference': difference },
      });
      try {
        await client.send(update);
      } catch (error) {
        // Nothing was counted yet, so there is nothing to correct.
        if (!isConditionFailed(error)) throw error;
      }
    },
  };
}

/** The turns at SES's control plane, in the table `identities`. */
export const dynamoSesTurns = (client: DynamoDBDocumentClient, table: string): TimeSlots =>
  dynamoTimeSlots(client, { table, key: at.turns, what: 'the turns at SES' });

/** The condition that the item is as it was read. Items of releases up to 0.2 have no version. */
function unchanged(before: Identity | undefined) {
  if (before === undefined) {
    return condition('attribute_not_exists(#domain)', { '#domain': 'domain' });
  }
  const { version } = before;
  const names = { '#domain': 'domain', '#version': 'version' };
  return version === 0
    ? condition('attribute_exists(#domain) AND attribute_not_exists(#version)', names)
    : {
        ...condition('#version = :version', { '#version': 'version' }),
        ExpressionAttributeValues: { ':version': version },
      };
}

const condition = (
  ConditionExpression: string,
  ExpressionAttributeNames: Record<string, string>,
) => ({
  ConditionExpression,
  ExpressionAttributeNames,
});
