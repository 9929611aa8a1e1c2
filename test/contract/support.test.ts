import { SendMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { startDynamo } from '../support/dynamo.ts';
import { startQueues } from '../support/queues.ts';

test('the stand-ins of the contract suites answer on the wire', async () => {
  const dynamo = await startDynamo();
  const queues = await startQueues();
  try {
    const item = { pk: 'a', sk: 'b' };
    await dynamo.client.send(new PutCommand({ TableName: dynamo.tables.claims, Item: item }));
    const read = await dynamo.client.send(
      new GetCommand({ TableName: dynamo.tables.claims, Key: item, ConsistentRead: true }),
    );
    expect(read.Item).toEqual(item);

    const url = await queues.createQueue('q');
    await queues.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'hello' }));
    const received = await queues.client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(received.Messages?.map((message) => message.Body)).toEqual(['hello']);
  } finally {
    await Promise.all([dynamo.close(), queues.close()]);
  }
});
