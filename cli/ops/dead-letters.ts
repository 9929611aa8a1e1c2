import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { sqsClient } from '#shared/adapters/aws/sqs.ts';
import { CommandError, readArguments, UsageError } from '../command.ts';
import { print, targetOf, targetOptions, targetUsage } from './targets.ts';

const usage = `Usage: npm run ops -- dead-letters [show QUEUE | redrive QUEUE] [--to QUEUE] [--all] [--aws] [--state DIR] [--json]

Lists the queues whose messages wait for people, and how many each has; with --all the empty ones too.

  show QUEUE       up to ten of its messages, which stay in it
  redrive QUEUE    sends its messages back to the queue that they came from; one that nothing was
                   received from (...-undelivered) to that which --to names, or else the one of its name

${targetUsage}`;

/** A queue whose messages wait for people. */
export interface Letters {
  /** Without the deployment's name. */
  readonly queue: string;
  readonly messages: number;
}

const KINDS = /-(dead-letters|failures|undelivered|guarded-changes)(?:\.fifo)?$/;

export interface Queues {
  readonly client: SQSClient;
  /** The deployment's name. */
  readonly name: string;
}

/** `npm run ops -- dead-letters`. */
export async function listLetters({ client, name }: Queues): Promise<Letters[]> {
  // A thousand at most; a deployment has some 60.
  const { QueueUrls: urls = [] } = await client.send(
    new ListQueuesCommand({ QueueNamePrefix: `${name}-` }),
  );
  const queues = urls.filter((url) => KINDS.test(url));
  const letters = await Promise.all(
    queues.map(async (url) => {
      const { ApproximateNumberOfMessages: messages } = await attributesOf(client, url);
      return { queue: nameOf(url).slice(name.length + 1), messages: Number(messages) };
    }),
  );
  return letters.toSorted((a, b) => a.queue.localeCompare(b.queue));
}

/** Reads messages without taking them. @throws CommandError where there is no such queue */
export async function showLetters(queue: string, queues: Queues): Promise<Message[]> {
  const url = await urlOf(queue, queues);
  const { Messages: messages = [] } = await queues.client.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return messages;
}

/**
 * Sends messages back.
 *
 * @param to the queue that they go to; without it the one that they came from
 * @throws CommandError where there is no such queue, or its messages must not go back
 */
export async function redriveLetters(
  queue: string,
  to: string | undefined,
  queues: Queues,
): Promise<{ readonly queue: string; readonly to: string }> {
  if (queue.endsWith('-failures') || queue.startsWith('guarded-changes')) {
    throw new CommandError(
      `The messages of ${queue} are about calls and changes, which no queue takes. Read them (show), do what docs/operate.md#dead-letters says, and then purge the queue.`,
    );
  }
  if (queue.endsWith('-undelivered')) {
    const target = to ?? queue.replace(/-undelivered$/, '');
    await moveOneByOne(await urlOf(queue, queues), await urlOf(target, queues), queues.client);
    return { queue, to: target };
  }
  const destination = to === undefined ? undefined : await arnOf(to, queues);
  await queues.client.send(
    new StartMessageMoveTaskCommand({
      SourceArn: await arnOf(queue, queues),
      ...(destination === undefined ? {} : { DestinationArn: destination }),
    }),
  );
  return { queue, to: to ?? 'the queue that they came from' };
}

/**
 * Sends each message on, and then deletes it: SQS itself moves only what came from a queue of SQS. A
 * message may go twice, which every consumer bears.
 */
async function moveOneByOne(from: string, to: string, client: SQSClient): Promise<void> {
  for (;;) {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: from, MaxNumberOfMessages: 10 }),
    );
    if (messages.length === 0) return;
    for (const { Body: body, ReceiptHandle: handle } of messages) {
      await client.send(new SendMessageCommand({ QueueUrl: to, MessageBody: body }));
      await client.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: handle }));
    }
  }
}

const nameOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

async function attributesOf(client: SQSClient, url: string): Promise<Record<string, string>> {
  const { Attributes: attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return attributes;
}

async function urlOf(queue: string, { client, name }: Queues): Promise<string> {
  const whole = queue.startsWith(`${name}-`) ? queue : `${name}-${queue}`;
  try {
    const { QueueUrl: url = '' } = await client.send(new GetQueueUrlCommand({ QueueName: whole }));
    return url;
  } catch (error) {
    if (!/NonExistent|QueueDoesNotExist/.test((error as Error).name)) throw error;
    throw new CommandError(
      `There is no queue ${whole}; npm run ops -- dead-letters --all lists them.`,
      { cause: error },
    );
  }
}

const arnOf = async (queue: string, queues: Queues): Promise<string> =>
  (await attributesOf(queues.client, await urlOf(queue, queues)))['QueueArn'] ?? '';

/** `npm run ops -- dead-letters`. */
export async function main(): Promise<void> {
  const { values, positionals } = readArguments(
    usage,
    { ...targetOptions, all: { type: 'boolean', default: false }, to: { type: 'string' } },
    2,
  );
  const [command = 'list', queue] = positionals;
  const { settings, client } = targetOf(values);
  const queues = { client: sqsClient(client), name: settings.name };
  if (command === 'list') {
    const all = await listLetters(queues);
    const shown = values.all ? all : all.filter(({ messages }) => messages > 0);
    print(shown, values.json, (letters) =>
      letters.length === 0
        ? ['No message waits for anybody.']
        : letters.map((each) => `${String(each.messages).padStart(7)}  ${each.queue}`),
    );
    return;
  }
  if (queue === undefined || !['show', 'redrive'].includes(command)) throw new UsageError(usage);
  if (command === 'show') {
    print(await showLetters(queue, queues), values.json, (messages) =>
      messages.length === 0
        ? ['The queue is empty.']
        : messages.flatMap(({ MessageId: id, Attributes: attributes, Body: body = '' }) => [
            `${id}  sent ${new Date(Number(attributes?.SentTimestamp)).toISOString()}`,
            `  ${body}`,
          ]),
    );
    return;
  }
  print(await redriveLetters(queue, values.to, queues), values.json, (moved) => [
    `The messages of ${moved.queue} go to ${moved.to}.`,
  ]);
}
