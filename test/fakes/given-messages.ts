import type { Context, SQSEvent } from 'aws-lambda';

/** The payload that SQS passes to a function: messages by their ids. */
export const givenMessages = (bodies: Record<string, string>): SQSEvent => ({
  Records: Object.entries(bodies).map(([messageId, body]) => ({
    messageId,
    body,
    receiptHandle: messageId,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'AIDA',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:queue',
    awsRegion: 'eu-west-1',
  })),
});

/** A call that Lambda ends in so many milliseconds. */
export const givenContext = (remaining = 30_000) =>
  ({ getRemainingTimeInMillis: () => remaining }) as Context;
