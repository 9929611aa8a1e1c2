import type { SQSRecord } from 'aws-lambda';
import { count, logger } from '#shared/runtime/log.ts';
import { decodeWork } from './decode.ts';
import type { SignerPorts, SignerSettings } from './ports.ts';
import { sendBatch } from './send-batch.ts';

/**
 * Signs and sends the mails that messages ask for, and counts how that went.
 *
 * @param deadline no SES call begins after it
 * @returns the indexes of the messages that failed or cannot be read, and must come again
 */
export async function sendAll(
  ports: SignerPorts,
  settings: SignerSettings,
  records: readonly Pick<SQSRecord, 'body' | 'messageId'>[],
  deadline: Date,
): Promise<number[]> {
  const items = records.map(({ body }, index) => ({ index, work: decodeWork(body) }));
  const readable = items.flatMap(({ index, work }) => (work ? [{ index, work }] : []));
  const unreadable = items.flatMap(({ index, work }) => (work ? [] : [index]));
  for (const index of unreadable) {
    logger.error('not a request to send', { messageId: records[index]?.messageId });
  }
  const works = readable.map(({ work }) => work);
  const { failed, counts } = await sendBatch(ports, settings, works, deadline);
  for (const [name, value] of counts) count(name, value);
  return [...unreadable, ...failed.flatMap((index) => readable[index]?.index ?? [])];
}
