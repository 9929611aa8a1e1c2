import type { AwsCall, CallResources } from './call.ts';
import type { AwsRequest } from './http.ts';
import { JsonInput, targetOperation } from './json-protocol.ts';
import { sqsError } from './sqs-errors.ts';

/** Operations on a queue that its URL or name says; a batch needs the permission of its single form. */
const QUEUE_ACTIONS: Readonly<Record<string, string>> = {
  ChangeMessageVisibility: 'ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  CreateQueue: 'CreateQueue',
  DeleteMessage: 'DeleteMessage',
  DeleteMessageBatch: 'DeleteMessage',
  DeleteQueue: 'DeleteQueue',
  GetQueueAttributes: 'GetQueueAttributes',
  GetQueueUrl: 'GetQueueUrl',
  ListDeadLetterSourceQueues: 'ListDeadLetterSourceQueues',
  PurgeQueue: 'PurgeQueue',
  ReceiveMessage: 'ReceiveMessage',
  SendMessage: 'SendMessage',
  SendMessageBatch: 'SendMessage',
  SetQueueAttributes: 'SetQueueAttributes',
};
/**
 * The rights that moving messages needs of its starter, beside its own permission: developer guide,
 * redrive permissions.
 */
const MOVING = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

const on = (resource: string, ...actions: string[]): AwsCall[] =>
  actions.map((action) => ({ action: `sqs:${action}`, resource, context: {} }));

/** The permissions of an SQS request. */
export function deriveSqsCalls(
  request: AwsRequest,
  { region, accountId }: CallResources,
): AwsCall[] {
  const operation = targetOperation(request);
  const input = new JsonInput(request.body);
  switch (operation) {
    case 'ListQueues':
      return on('*', operation);
    case 'StartMessageMoveTask': {
      const destination = input.optionalString('DestinationArn');
      return [
        ...on(input.string('SourceArn'), operation, ...MOVING),
        ...(destination === undefined ? [] : on(destination, 'SendMessage')),
      ];
    }
    case 'ListMessageMoveTasks':
      return on(input.string('SourceArn'), operation);
    case 'CancelMessageMoveTask':
      return on(sourceOf(input.string('TaskHandle')), operation);
    default:
  }
  const action = QUEUE_ACTIONS[operation];
  if (action === undefined) {
    throw sqsError('UnknownOperationException', `The SQS stand-in has no ${operation}.`);
  }
  const name =
    input.optionalString('QueueName') ?? input.optionalString('QueueUrl')?.split('/').at(-1);
  if (name === undefined) {
    throw sqsError('MissingParameter', `${operation} needs a QueueUrl or a QueueName.`);
  }
  return on(`arn:aws:sqs:${region}:${accountId}:${name}`, action);
}

/** The queue that a task's handle names. */
function sourceOf(handle: string): string {
  const { sourceArn } = new JsonInput(Buffer.from(handle, 'base64')).fields;
  if (typeof sourceArn === 'string') return sourceArn;
  throw sqsError('InvalidParameterValue', `${handle} is no handle of a task.`);
}
