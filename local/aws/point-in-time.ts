import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError } from './http.ts';
import type { AwsHandler, Clock } from './http.ts';
import { answering } from './errors.ts';
import { JsonInput } from './json-protocol.ts';
import { writeFileAtomically } from './state-file.ts';

export interface PointInTimeOptions {
  /** The database itself. */
  readonly handle: AwsHandler;
  readonly stateDir: string;
  readonly region: string;
  readonly now?: Clock;
}

export interface PointInTime {
  /** The database, which can also be restored. */
  readonly handle: AwsHandler;
  /** Copies all tables as they are. */
  take(): Promise<void>;
}

/** The copies that are kept; older ones go. */
const KEPT = 100;
/** Items of one BatchWriteItem. */
const AT_ONCE = 25;
const PREFIX = 'DynamoDB_20120810.';

type Fields = Record<string, unknown>;
interface CopiedTable {
  /** What a table is made of: its keys and indexes. */
  readonly shape: Fields;
  readonly items: readonly Fields[];
}
type Copy = Readonly<Record<string, CopiedTable>>;

/**
 * Adds restores to a DynamoDB that has none. It restores to the last copy that was taken at or before
 * the time asked for, where DynamoDB restores to any second. As there, the new table has no stream,
 * no expiry and no protection from deletion.
 */
export function pointInTime(options: PointInTimeOptions): PointInTime {
  const { handle, stateDir, region, now = Date.now } = options;
  const folder = join(stateDir, 'copies');

  /** A call in the name of the service itself. @throws AwsError what the database answers */
  const call = async (operation: string, input: object): Promise<Fields> => {
    const answer = await handle({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': PREFIX + operation,
        'x-amz-date': '20260101T000000Z',
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=none`,
      },
      body: Buffer.from(JSON.stringify(input)),
    });
    if (typeof answer === 'symbol') throw new AwsError('InternalServerError', operation, 500);
    if (typeof answer.body !== 'string' && !Buffer.isBuffer(answer.body)) {
      throw new AwsError('InternalServerError', operation, 500);
    }
    const body = JSON.parse(answer.body.toString()) as Fields;
    if (answer.status === 200) return body;
    const code = String(body['__type']).split('#').at(-1) ?? 'InternalServerError';
    throw new AwsError(code, String(body['message'] ?? body['Message']), answer.status);
  };

  const pages = async (operation: string, input: Fields, from: string, to: string) => {
    const answers: Fields[] = [];
    let after: unknown;
    do {
      const answer = await call(operation, after === undefined ? input : { ...input, [to]: after });
      answers.push(answer);
      after = answer[from];
    } while (after !== undefined && after !== null);
    return answers;
  };

  const copyOf = async (name: string): Promise<CopiedTable> => {
    const { Table: table } = (await call('DescribeTable', { TableName: name })) as {
      Table: Fields;
    };
    const indexes = (table['GlobalSecondaryIndexes'] ?? []) as Fields[];
    const scans = await pages(
      'Scan',
      { TableName: name, ConsistentRead: true },
      'LastEvaluatedKey',
      'ExclusiveStartKey',
    );
    return {
      shape: {
        AttributeDefinitions: table['AttributeDefinitions'],
        KeySchema: table['KeySchema'],
        BillingMode: 'PAY_PER_REQUEST',
        ...(indexes.length > 0 && {
          GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({
            IndexName,
            KeySchema,
            Projection,
          })),
        }),
      },
      items: scans.flatMap((scan) => scan['Items'] as Fields[]),
    };
  };

  /** The times of the copies, oldest first. */
  const times = (): number[] => {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder)
      .map((file) => Number(file.replace('.json', '')))
      .filter(Number.isSafeInteger)
      .toSorted((a, b) => a - b);
  };

  const restore = async (input: JsonInput): Promise<object> => {
    const source = input.string('SourceTableName');
    const target = input.string('TargetTableName');
    const seconds = input.fields['RestoreDateTime'];
    const until = typeof seconds === 'number' ? seconds * 1000 : now();
    const at = times().findLast((time) => time <= until);
    if (at === undefined) {
      throw new AwsError(
        'InvalidRestoreTimeException',
        `There is no copy of ${source} at ${new Date(until).toISOString()} or before.`,
      );
    }
    const copy = JSON.parse(readFileSync(join(folder, `${at}.json`), 'utf8')) as Copy;
    const table = copy[source];
    if (table === undefined) {
      throw new AwsError('TableNotFoundException', `Table not found: ${source}`);
    }
    try {
      await call('CreateTable', { TableName: target, ...table.shape });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceInUseException') throw error;
      throw new AwsError('TableAlreadyExistsException', `Table already exists: ${target}`);
    }
    for (let start = 0; start < table.items.length; start += AT_ONCE) {
      const requests = table.items.slice(start, start + AT_ONCE);
      await call('BatchWriteItem', {
        RequestItems: { [target]: requests.map((Item) => ({ PutRequest: { Item } })) },
      });
    }
    const { Table: description } = (await call('DescribeTable', { TableName: target })) as {
      Table: Fields;
    };
    return { TableDescription: description };
  };

  const operations: Readonly<Record<string, (input: JsonInput) => Promise<object>>> = {
    RestoreTableToPointInTime: restore,
    // Copies are taken of all tables, whether it is on or not.
    UpdateContinuousBackups: async () => ({
      ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED' },
    }),
  };

  return {
    handle(request) {
      const operation = (request.headers['x-amz-target'] ?? '').replace(PREFIX, '');
      const own = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (own === undefined) return handle(request);
      return answering('json', async () => ({
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: JSON.stringify(await own(new JsonInput(request.body))),
      }));
    },
    async take() {
      const at = now();
      const lists = await pages(
        'ListTables',
        {},
        'LastEvaluatedTableName',
        'ExclusiveStartTableName',
      );
      const copy: Record<string, CopiedTable> = {};
      for (const name of lists.flatMap((list) => list['TableNames'] as string[])) {
        copy[name] = await copyOf(name);
      }
      const known = times();
      writeFileAtomically(join(folder, `${at}.json`), JSON.stringify(copy));
      for (const old of known.slice(0, -KEPT)) rmSync(join(folder, `${old}.json`));
    },
  };
}
