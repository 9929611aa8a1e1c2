import type { BusEvent } from '../aws/events.ts';
import { callJson, type Caller } from './aws-call.ts';
import type { Deployment, ValuePattern } from './deployment.ts';

/**
 * Takes an event to the queues of the rules that match it. That the queues' policies let EventBridge
 * do so was looked at when the run started.
 */
export async function deliverEvent(
  deployment: Deployment,
  operator: Caller,
  bus: string,
  event: BusEvent,
): Promise<void> {
  for (const { bus: of, sources, detailTypes, queueArn } of deployment.eventRules) {
    if (of !== bus || sources?.includes(event.source) === false) continue;
    if (detailTypes?.some((pattern) => matches(event['detail-type'], pattern)) === false) continue;
    await callJson(operator, 'sqs', 'AmazonSQS.SendMessage', {
      QueueUrl: deployment.queue(queueArn).url,
      MessageBody: JSON.stringify(event),
    });
  }
}

/** Whether a field's value is as a rule's pattern wants it. */
export const matches = (value: string, pattern: ValuePattern): boolean =>
  typeof pattern === 'string'
    ? value === pattern
    : !value.startsWith(pattern['anything-but'].prefix);
