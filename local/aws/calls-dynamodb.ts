import type { AwsCall, CallResources } from './call.ts';
import { AwsError } from './http.ts';
import type { AwsRequest } from './http.ts';
import { JsonInput } from './json-protocol.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** Operations on one table, whose action has the operation's name. */
const TABLE_OPERATIONS = new Set([
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeContinuousBackups',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'PutItem',
  'UpdateContinuousBackups',
  'UpdateItem',
  'UpdateTable',
  'UpdateTimeToLive',
]);
/** Operations on the resource that their ResourceArn names. */
const TAG_OPERATIONS = new Set(['ListTagsOfResource', 'TagResource', 'UntagResource']);
/** A transaction needs the permission of each of its parts, not one of its own. */
const TRANSACT_ACTIONS: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

const call = (action: string, resource: string): AwsCall => ({
  action: `dynamodb:${action}`,
  resource,
  context: {},
});

/** The permissions of a DynamoDB or DynamoDB Streams request. */
export function deriveDynamoDbCalls(
  request: AwsRequest,
  { region, accountId }: CallResources,
): AwsCall[] {
  const [api = '', operation = ''] = (request.headers['x-amz-target'] ?? '').split('.');
  const input = new JsonInput(request.body).fields;
  const tableArn = (name: unknown): string => {
    if (typeof name !== 'string') throw validation(`${operation} has no TableName.`);
    return name.startsWith('arn:') ? name : `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
  };

  if (api.startsWith('DynamoDBStreams')) return streamCalls(operation, input, tableArn);
  if (TABLE_OPERATIONS.has(operation)) return [call(operation, tableArn(input['TableName']))];
  if (TAG_OPERATIONS.has(operation)) return [call(operation, tableArn(input['ResourceArn']))];
  switch (operation) {
    case 'Query':
    case 'Scan': {
      // A read of an index needs permission on the index, not on its table.
      const table = tableArn(input['TableName']);
      const index = input['IndexName'];
      return [call(operation, typeof index === 'string' ? `${table}/index/${index}` : table)];
    }
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(fieldsOf(input['RequestItems'])).map((name) =>
        call(operation, tableArn(name)),
      );
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return transactCalls(input['TransactItems'], tableArn);
    case 'ListTables':
      return [call(operation, '*')];
    case 'RestoreTableToPointInTime':
      return [input['SourceTableName'], input['TargetTableName']].map((name) =>
        call(operation, tableArn(name)),
      );
    default:
      throw new AwsError('UnknownOperationException', `The DynamoDB stand-in has no ${operation}.`);
  }
}

function transactCalls(items: unknown, tableArn: (name: unknown) => string): AwsCall[] {
  if (!Array.isArray(items)) throw validation('The request has no TransactItems.');
  return items.map((item: unknown) => {
    const [[kind, part] = ['', {}]] = Object.entries(fieldsOf(item)).filter(
      ([, value]) => value !== undefined && value !== null,
    );
    const action = TRANSACT_ACTIONS[kind];
    if (action === undefined) throw validation(`A TransactItem may not be a ${kind}.`);
    return call(action, tableArn(fieldsOf(part)['TableName']));
  });
}

function streamCalls(
  operation: string,
  input: Fields,
  tableArn: (name: unknown) => string,
): AwsCall[] {
  switch (operation) {
    case 'DescribeStream':
    case 'GetShardIterator':
      return [call(operation, tableArn(input['StreamArn']))];
    case 'GetRecords':
      // An iterator does not say whose it is, so this needs permission on any stream.
      return [call(operation, tableArn('*/stream/*'))];
    case 'ListStreams':
      return [call(operation, '*')];
    default:
      throw new AwsError('UnknownOperationException', `DynamoDB Streams has no ${operation}.`);
  }
}
