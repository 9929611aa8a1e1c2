import { BatchWriteCommand, GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ImportStore } from '#shared/app/ports/import-store.ts';
import { Conflict, Throttled } from '#shared/core/model/errors.ts';
import {
  IMPORT_DAYS,
  importTime,
  type Import,
  type ImportId,
  type ImportPart,
  type ImportRow,
  type RowCounts,
  type RowForecast,
  type RowOutcome,
} from '#shared/core/model/import.ts';
import { languages, type ContactDetails } from '#shared/core/model/contact.ts';
import type { PlatformId } from '#shared/core/model/names.ts';
import { importChange } from '#shared/app/audit/other-changes.ts';
import type { AuditTrail } from './audit-trail.ts';
import { inBatches } from './batches.ts';
import { expiresAfter, queryPage, transact, type TransactWrite } from './dynamo.ts';
import {
  either,
  flag,
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

const at = {
  head: (platform: PlatformId, id: ImportId) => ({ pk: `imports#${platform}`, sk: `import#${id}` }),
  request: (platform: PlatformId, request: string) => ({
    pk: `imports#${platform}`,
    sk: `request#${request}`,
  }),
  part: (id: ImportId, part: number) => ({
    pk: `import#${id}`,
    sk: `part#${String(part).padStart(4, '0')}`,
  }),
};

const counts = object<RowCounts>({
  claimed: number,
  existing: number,
  repeated: number,
  failed: number,
  forecast: number,
});

const headItem = object<Import>({
  id: text(),
  platform: text(),
  dryRun: flag,
  status: oneOf('running', 'done', 'cancelled'),
  rows: number,
  parts: number,
  part: number,
  counts,
  createdAt: text(),
  finishedAt: optional(text()),
});

const nothing: Check<null> = (value) => (value === null ? undefined : '');

const forecast = object<RowForecast>({
  registered: either(flag, nothing),
  provider: either(text(), nothing),
  oneClick: either(flag, nothing),
  spf: either(oneOf('none', 'fits', 'full', 'broken'), nothing),
  dmarc: either(
    either(object<{ policy: string; own: boolean }>({ policy: text(), own: flag }), oneOf('none')),
    nothing,
  ),
});

const partItem = object<ImportPart>({
  import: text(),
  part: number,
  version: number,
  rows: listOf(
    object<ImportRow>({
      row: number,
      externalId: text(),
      domain: text(),
      name: optional(text()),
      contact: optional(
        object<ContactDetails>({
          email: text(),
          name: optional(text()),
          language: optional(oneOf(...languages)),
        }),
      ),
      outcome: optional(
        object<RowOutcome>({
          state: oneOf('claimed', 'existing', 'repeated', 'failed', 'forecast'),
          code: optional(text()),
          detail: optional(text()),
          tenant: optional(text()),
          forecast: optional(forecast),
        }),
      ),
    }),
  ),
});

const requestItem = object<{ import: ImportId }>({ import: text() });

/** An item without its time to live, which is DynamoDB's. */
const plain = ({ expiresAt: _expiresAt, ...item }: Item): Item => item;

/** DynamoDB writes this many items in one call. */
const ITEMS_PER_BATCH = 25;

/** Imports in the table `platforms`: under their platform, their parts under the import. */
export function dynamoImportStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): ImportStore {
  const readHead = keyedReader(table, headItem);
  const readPart = keyedReader(table, partItem);
  const readRequest = keyedReader(table, requestItem);

  const get = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;
  const head = async (platform: PlatformId, id: ImportId): Promise<Import | undefined> => {
    const item = await get(at.head(platform, id));
    return item && readHead(plain(item));
  };
  const ofRequest = async (
    platform: PlatformId,
    request: string,
  ): Promise<ImportId | undefined> => {
    const item = await get(at.request(platform, request));
    return item && readRequest(plain(item)).import;
  };

  return {
    get: head,
    ofRequest,

    async putParts(parts) {
      const writes = parts.map((part) => ({
        PutRequest: {
          Item: {
            ...at.part(part.import, part.part),
            ...part,
            expiresAt: expiresAfter(importTime(part.import), IMPORT_DAYS),
          },
        },
      }));
      await inBatches(writes, ITEMS_PER_BATCH, async (some) => {
        const answer = await client.send(
          new BatchWriteCommand({ RequestItems: { [table]: [...some] } }),
        );
        const entries = (answer.UnprocessedItems?.[table] ?? []) as typeof writes;
        if (entries.length === 0) return undefined;
        return { entries, error: new Throttled(`DynamoDB, writing ${table},`) };
      });
    },

    async create(made, request) {
      const expiresAt = expiresAfter(made.createdAt, IMPORT_DAYS);
      const putNew = (item: Item): TransactWrite => ({
        Put: {
          TableName: table,
          Item: { ...item, expiresAt },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      });
      try {
        await transact(client, `the import ${made.id}`, [
          putNew({ ...at.head(made.platform, made.id), ...made }),
          ...(request === undefined
            ? []
            : [putNew({ ...at.request(made.platform, request), import: made.id })]),
          ...trail.entriesOf(importChange(undefined, made)),
        ]);
        return made;
      } catch (error) {
        if (!(error instanceof Conflict) || request === undefined) throw error;
        const known = await ofRequest(made.platform, request);
        const before = known && (await head(made.platform, known));
        if (before === undefined) throw error;
        return before;
      }
    },

    async list(platform, page) {
      const { items, cursor } = await queryPage(client, page, {
        table,
        pk: `imports#${platform}`,
        prefix: 'import#',
        newestFirst: true,
      });
      return { imports: readable(items.map(plain), readHead), cursor };
    },

    async part(id, part) {
      const item = await get(at.part(id, part));
      return item && readPart(plain(item));
    },

    async advance(before, next) {
      const { id, platform, createdAt } = before.head;
      const expiresAt = expiresAfter(createdAt, IMPORT_DAYS);
      await transact(client, `the import ${id}`, [
        {
          Put: {
            TableName: table,
            Item: { ...at.part(id, next.part.part), ...next.part, expiresAt },
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':version': before.part.version },
          },
        },
        {
          Put: {
            TableName: table,
            Item: { ...at.head(platform, id), ...next.head, expiresAt },
            ConditionExpression: '#status = :running AND part = :part AND counts = :counts',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':running': 'running',
              ':part': before.head.part,
              ':counts': before.head.counts,
            },
          },
        },
      ]);
    },

    async cancel(before, finishedAt) {
      const { id, platform } = before;
      await transact(client, `the import ${id}`, [
        {
          Update: {
            TableName: table,
            Key: at.head(platform, id),
            UpdateExpression: 'SET #status = :cancelled, finishedAt = :at',
            ConditionExpression: '#status = :running',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':running': 'running',
              ':cancelled': 'cancelled',
              ':at': finishedAt,
            },
          },
        },
        ...trail.entriesOf(importChange(before, { ...before, status: 'cancelled' })),
      ]);
    },
  };
}
