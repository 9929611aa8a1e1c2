import { expect, test } from 'vitest';
import type { AwsRequest } from '../../../local/aws/http.ts';
import { TableWrites } from '../../../local/aws/table-writes.ts';

const call = (target: string): AwsRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: { 'x-amz-target': target },
  body: Buffer.from('{}'),
});
const answer = { status: 200, headers: {}, body: '{}' };

test.each([
  ['DynamoDB_20120810.PutItem', 1],
  ['DynamoDB_20120810.UpdateItem', 1],
  ['DynamoDB_20120810.DeleteItem', 1],
  ['DynamoDB_20120810.TransactWriteItems', 1],
  ['DynamoDB_20120810.BatchWriteItem', 1],
  ['DynamoDB_20120810.ExecuteStatement', 1],
  ['DynamoDB_20120810.GetItem', 0],
  ['DynamoDB_20120810.BatchGetItem', 0],
  ['DynamoDB_20120810.TransactGetItems', 0],
  ['DynamoDB_20120810.Query', 0],
  ['DynamoDBStreams_20120810.GetRecords', 0],
  ['DynamoDBStreams_20120810.DescribeStream', 0],
])('%s counts as %i writes', async (target, count) => {
  const writes = new TableWrites();
  await writes.counting(async () => answer)(call(target));
  expect(writes.count).toBe(count);
});

test('a write is counted once it has ended, also where it failed', async () => {
  const writes = new TableWrites();
  const { promise, reject } = Promise.withResolvers<typeof answer>();
  const ended = writes.counting(() => promise)(call('DynamoDB_20120810.PutItem'));
  expect(writes.count).toBe(0);
  reject(new Error('cut off'));
  await expect(ended).rejects.toThrow('cut off');
  expect(writes.count).toBe(1);
});
