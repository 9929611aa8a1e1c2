import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueDepths } from '#shared/app/ports/queue-depths.ts';

/** SQS `GetQueueAttributes`, by the names of queues; the URLs are kept. */
export function sqsQueueDepths(client: SQSClient): QueueDepths {
  const urls = new Map<string, string>();
  return {
    async of(queue) {
      let url = urls.get(queue);
      if (url === undefined) {
        const found = await client.send(new GetQueueUrlCommand({ QueueName: queue }));
        url = found.QueueUrl ?? '';
        urls.set(queue, url);
      }
      const { Attributes: attributes } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      const messages = Number(attributes?.ApproximateNumberOfMessages);
      if (Number.isInteger(messages)) return messages;
      throw new Error(`SQS answered ${queue} without its number of messages`);
    },
  };
}
