import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { ATTRIBUTE_NAMES, newAttributes, settingsOf } from './sqs-attributes.ts';
import type { QueueAttributes } from './sqs-attributes.ts';
import { receiptOf } from './sqs-receipts.ts';
import type { SqsStore } from './sqs-store.ts';

const queueRow = z.object({
  name: z.string(),
  arn: z.string(),
  attributes: z.string(),
  created_timestamp: z.number(),
  last_modified_timestamp: z.number(),
});
const messageRow = z.object({
  message_id: z.string(),
  body: z.string(),
  message_attributes: z.string(),
  sent_timestamp: z.number(),
  approximate_receive_count: z.number().nullable(),
  approximate_first_receive_timestamp: z.number().nullable(),
  delay_until: z.number().nullable(),
  message_group_id: z.string().nullable(),
  message_deduplication_id: z.string().nullable(),
  receipt_handle: z.string().nullable(),
  visibility_deadline: z.number().nullable(),
});
const attributeMap = z.record(z.string(), z.string());
const messageAttributes = z.record(
  z.string(),
  z.object({
    DataType: z.string(),
    StringValue: z.string().optional(),
    BinaryValue: z.string().optional(),
  }),
);

/**
 * Carries over the queues and messages that fauxqs 2.4 kept in `messaging/fauxqs.db`, once. The
 * templates declare its topics again.
 *
 * @param now milliseconds since 1970
 */
export function takeEarlierQueues(stateDir: string, store: SqsStore, now: number): void {
  const folder = join(stateDir, 'messaging');
  const path = join(folder, 'fauxqs.db');
  if (!existsSync(path)) return;
  const earlier = new DatabaseSync(path);
  const rows = earlier.prepare('SELECT * FROM sqs_queues').all();
  const queues = new Set(store.queues().map(({ name }) => name));
  let sequence = Math.max(store.lastSequence() + 1, (now - 1) * 1000);
  for (const row of rows.map((each) => queueRow.parse(each))) {
    // A run that died before it had removed the folder carried over what is there.
    const known = new Set(store.messages(row.name).map(({ id }) => id));
    const attributes = knownAttributes(row.name, attributeMap.parse(JSON.parse(row.attributes)));
    const { retention } = settingsOf(attributes);
    if (!queues.has(row.name)) {
      store.kept({
        name: row.name,
        arn: row.arn,
        createdAt: row.created_timestamp * 1000,
        modifiedAt: row.last_modified_timestamp * 1000,
        attributes,
      });
    }
    const messages = earlier
      .prepare('SELECT * FROM sqs_messages WHERE queue_name = ? ORDER BY rowid')
      .all(row.name);
    for (const message of messages.map((each) => messageRow.parse(each))) {
      if (known.has(message.message_id)) continue;
      store.added(row.name, { ...carriedOver(message, retention, now), sequence });
      sequence += 1;
    }
  }
  earlier.close();
  store.flush();
  rmSync(folder, { recursive: true });
}

/** Those of the attributes that templates declare. */
function knownAttributes(name: string, { FifoQueue, ...given }: QueueAttributes): QueueAttributes {
  const known = Object.entries(given).filter(([attribute]) => ATTRIBUTE_NAMES.has(attribute));
  return newAttributes(name, {
    ...Object.fromEntries(known),
    ...(FifoQueue === 'true' && { FifoQueue }),
  });
}

function carriedOver(row: z.infer<typeof messageRow>, retention: number, now: number) {
  const isInFlight = row.receipt_handle !== null && row.visibility_deadline !== null;
  return {
    id: row.message_id,
    body: row.body,
    attributes: messageAttributes.parse(JSON.parse(row.message_attributes)),
    groupId: row.message_group_id ?? undefined,
    deduplicationId: row.message_deduplication_id ?? undefined,
    // The earlier state had no retention period, so nothing has grown too old by it.
    sentAt: now - row.sent_timestamp < retention ? row.sent_timestamp : now,
    visibleAt: (isInFlight ? row.visibility_deadline : row.delay_until) ?? row.sent_timestamp,
    receiveCount: row.approximate_receive_count ?? 0,
    firstReceivedAt: row.approximate_first_receive_timestamp ?? undefined,
    receipt: isInFlight ? receiptOf(row.message_id, 'earlier') : undefined,
  };
}
