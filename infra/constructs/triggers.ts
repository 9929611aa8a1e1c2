import { Duration, Validations } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { allow } from './permission.ts';

/**
 * Maps a queue to a function, in batches that may fail in part.
 *
 * @param id construct id of the mapping
 * @param concurrency calls at once; undefined for Lambda's own scaling
 */
export function consume(
  target: LambdaFunction,
  id: string,
  { queueArn }: IQueue,
  { batchSize, concurrency }: { batchSize: number; concurrency: number | undefined },
): void {
  allow(target, {
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    resources: [queueArn],
  });
  const mapping = target.addEventSourceMapping(id, {
    eventSourceArn: queueArn,
    batchSize,
    reportBatchItemFailures: true,
    ...(concurrency === undefined ? {} : { maxConcurrency: concurrency }),
  });
  Validations.of(mapping).acknowledge({
    id: 'Serverless-LambdaEventSourceMappingDestination',
    reason: 'Lambda has no such destination for a queue; the queue has dead letters of its own.',
  });
}

/** Maps a table's stream to a function, in batches that may fail in part. */
export function readStream(
  target: LambdaFunction,
  { tableStreamArn, node }: ITableV2,
  { batchSize, failures }: { batchSize: number; failures: IQueue },
): void {
  if (tableStreamArn === undefined) throw new Error(`${node.path} has no stream`);
  allow(target, {
    // Lambda refuses a mapping whose role lacks any of these four.
    actions: [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ],
    resources: [tableStreamArn],
  });
  target.addEventSourceMapping('Stream', {
    eventSourceArn: tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize,
    maxBatchingWindow: Duration.seconds(1),
    bisectBatchOnError: true,
    retryAttempts: 5,
    reportBatchItemFailures: true,
    onFailure: new SqsDlq(failures),
  });
}
