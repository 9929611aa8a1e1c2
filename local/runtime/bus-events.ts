import type { BusEvent } from '../aws/events.ts';
import { callJson, type Caller } from './aws-call.ts';
import type { Deployment, ValuePattern } from './deployment.ts';

/**
 * Takes an event to the queues of the rules that match it. The run's start checked that the queues'
 * policies let EventBridge do so.
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

/** Returns true if a field's value matches a rule's pattern. */
export const matches = (value: string, pattern: ValuePattern): boolean =>
  typeof pattern === 'string'
    ? value === pattern
    : !value.startsWith(pattern['anything-but'].prefix);
