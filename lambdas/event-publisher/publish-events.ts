import type { DynamoDBRecord } from 'aws-lambda';
import { claimOfImage } from '#shared/adapters/aws/claim-image.ts';
import { StoredItemError } from '#shared/core/model/errors.ts';
import { claimEvents, type ServiceEvent } from '#shared/core/model/event.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';

export interface EventPublisherPorts {
  readonly bus: EventBus;
  readonly log: (failure: { what: string; error: unknown }) => void;
}

/**
 * Publishes the events of claim changes, in order. Events have ids of their own, so that a batch
 * that comes again adds nothing.
 *
 * @param records of the claims table's stream, with old and new images
 * @returns the sequence number from which on the batch must come again, undefined where all went
 * well
 */
export async function publishEvents(
  { bus, log }: EventPublisherPorts,
  records: readonly DynamoDBRecord[],
): Promise<string | undefined> {
  const events: ServiceEvent[] = [];
  let unreadable: DynamoDBRecord | undefined;
  for (const record of records) {
    try {
      events.push(...eventsOf(record));
    } catch (error) {
      log({ what: 'reading a stream record', error });
      // A retry does not repair it, and would keep the other events from being published.
      if (error instanceof StoredItemError) continue;
      unreadable = record;
      break;
    }
  }
  try {
    if (events.length > 0) await bus.put(events);
  } catch (error) {
    log({ what: 'telling of claims', error });
    return sequenceOf(records[0]);
  }
  return unreadable && sequenceOf(unreadable);
}

const sequenceOf = (record: DynamoDBRecord | undefined): string =>
  record?.dynamodb?.SequenceNumber ?? '';

/** A removed claim has its event, if any, by its label, where it is retired in the same transaction. */
function eventsOf({ eventName, dynamodb }: DynamoDBRecord): ServiceEvent[] {
  const { Keys: keys, OldImage: before, NewImage: after } = dynamodb ?? {};
  if (eventName === 'REMOVE') return [];
  if (keys?.['sk']?.S === 'label') return retiredEvents(before, after);
  if (!keys?.['sk']?.S?.startsWith('claim#')) return [];
  if (after === undefined || (eventName === 'MODIFY' && before === undefined)) {
    throw new TypeError('a stream record lacks an image');
  }
  return claimEvents(before && claimOfImage(before), claimOfImage(after));
}

type Image = Parameters<typeof claimOfImage>[0];

function retiredEvents(before: Image | undefined, after: Image | undefined): ServiceEvent[] {
  const retired = after?.['tombstone']?.M;
  if (retired === undefined || before?.['tombstone'] !== undefined) return [];
  return claimEvents(undefined, claimOfImage(retired));
}
