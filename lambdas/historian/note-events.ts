import type { SQSRecord } from 'aws-lambda';
import type { DomainEvent } from '#shared/core/model/event.ts';
import type { History } from '#shared/app/ports/history.ts';

export interface HistorianPorts {
  readonly history: Pick<History, 'note'>;
  readonly report: (error: unknown) => void;
}

/**
 * Notes events in the history of their domains, in any order and any number of times.
 *
 * @param records each an event as EventBridge hands it over
 * @returns the ids of the messages that failed and must come again
 */
export async function noteEvents(
  { history, report }: HistorianPorts,
  records: readonly Pick<SQSRecord, 'messageId' | 'body'>[],
): Promise<string[]> {
  const failed = await Promise.all(
    records.map(async ({ messageId, body }) => {
      try {
        await history.note((JSON.parse(body) as { detail: DomainEvent }).detail);
        return [];
      } catch (error) {
        report(error);
        return [messageId];
      }
    }),
  );
  return failed.flat();
}
