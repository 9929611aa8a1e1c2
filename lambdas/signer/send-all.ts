import type { SQSRecord } from 'aws-lambda';
import { LONGEST_SEND_SECONDS } from '#shared/adapters/aws/mailer.ts';
import { logger, measureAll, type Metric } from '#shared/runtime/log.ts';
import { decodeWork } from './decode.ts';
import type { SignerPorts, SignerSettings } from './ports.ts';
import { sendBatch } from './send-batch.ts';

/** Left for an attempt that has just begun, and for the note of its outcome. */
const RESERVE_MS = (LONGEST_SEND_SECONDS + 5) * 1000;

/**
 * Signs and sends the mails that messages ask for, and counts how that went.
 *
 * @param deadline when the call ends, in epoch milliseconds
 * @returns the indexes of the messages that failed or cannot be read, and must come again
 */
export async function sendAll(
  { settings, ...ports }: SignerPorts & { readonly settings: SignerSettings },
  _: readonly string[],
  deadline: number,
  records: readonly (Pick<SQSRecord, 'body' | 'messageId'> & Partial<SQSRecord>)[],
): Promise<number[]> {
  const items = records.map(({ body, attributes }, index) => ({
    index,
    work: decodeWork(body),
    isRedelivered: Number(attributes?.ApproximateReceiveCount ?? 1) > 1,
  }));
  const readable = items.flatMap(({ index, work, isRedelivered }) =>
    work ? [{ index, work: { ...work, isRedelivered } }] : [],
  );
  const unreadable = items.flatMap(({ index, work }) => (work ? [] : [index]));
  for (const index of unreadable) {
    logger.error('not a request to send', { messageId: records[index]?.messageId });
  }
  const works = readable.map(({ work }) => work);
  const until = new Date(deadline - RESERVE_MS);
  const { failed, counts, oldestSeconds } = await sendBatch(ports, settings, works, until);
  const metrics = [...counts].map(([name, value]): [string, Metric] => [
    name,
    { unit: 'Count', value },
  ]);
  if (oldestSeconds > 0) metrics.push(['MailAge', { unit: 'Seconds', value: oldestSeconds }]);
  measureAll(new Map(metrics));
  return [...unreadable, ...failed.flatMap((index) => readable[index]?.index ?? [])];
}
