import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import { fieldsNamed, type ParsedHeader } from '#shared/core/mail/parse.ts';
import { messageStatus } from '#shared/core/model/message.ts';
import { DAY_MS } from '#shared/core/time.ts';

/** The same mail within this time is one of a client that did not hear its answer. */
const WINDOW_MS = 5 * DAY_MS;

/**
 * Returns true if a mail can be known again by its content. Two mails without Message-ID or Date may
 * be meant twice.
 */
export const isNamed = (header: ParsedHeader): boolean =>
  ['message-id', 'date'].every((name) => fieldsNamed(header, name).length > 0);

/**
 * Finds the earlier submission of the same content, or the free place after it where that one was
 * refused or is older than 5 days.
 *
 * @param fingerprint of the mail and its recipients
 * @param find reads what is under a key
 */
export async function findByContent<Found extends { readonly earlier?: StoredMessage | undefined }>(
  fingerprint: string,
  find: (key: string) => Promise<Found>,
  now: Date,
): Promise<Found> {
  for (let attempt = 0; ; attempt += 1) {
    const found = await find(`content:${fingerprint}:${attempt}`);
    if (found.earlier === undefined) return found;
    const { message, recipientBatches } = found.earlier;
    const isOld = now.getTime() - Date.parse(message.createdAt) >= WINDOW_MS;
    const isRefused = messageStatus(message, recipientBatches) === 'refused';
    if (!isOld && !isRefused) return found;
  }
}
