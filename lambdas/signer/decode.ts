import * as z from 'zod/mini';
import { carriedMailOf } from '#shared/app/sending/carried-mail.ts';
import type { Message } from '#shared/core/model/message.ts';
import { isMessageId, type MessageId, type TenantId } from '#shared/core/model/names.ts';
import type { OutboundWork } from './ports.ts';

const tenant = z.custom<TenantId>((value) => typeof value === 'string');
const id = z.custom<MessageId>((value) => typeof value === 'string' && isMessageId(value));
const waited = {
  waits: z.optional(z.int().check(z.nonnegative())),
  place: z.optional(z.number()),
};
const byId = z.object({ tenant, id, ...waited });
const carrying = z.object({
  carried: z.object({
    // Written by this service: only what it is found by is checked.
    message: z.custom<Message>(
      (value) =>
        z.object({ tenant, id, createdAt: z.string(), fingerprint: z.string() }).safeParse(value)
          .success,
    ),
    recipients: z.array(z.string()),
    suppressed: z.array(z.string()),
    mail: z.string(),
  }),
  ...waited,
});

/**
 * Reads the body of an SQS message.
 *
 * @returns undefined where it is none of ours
 */
export function decodeWork(body: string): OutboundWork | undefined {
  const content = parse(body);
  const stored = byId.safeParse(content);
  if (stored.success) return { ...stored.data, waits: stored.data.waits ?? 0 };
  const { success, data } = carrying.safeParse(content);
  if (!success) return undefined;
  const { carried: request, waits = 0, ...rest } = data;
  const carried = carriedMailOf({ carried: request });
  return { tenant: carried.message.tenant, id: carried.message.id, waits, ...rest, carried };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
