import { createHash } from 'node:crypto';
import { Refusal } from '#shared/core/model/errors.ts';

const MAX_LENGTH = 1024;

/**
 * Makes a page cursor, the start of the next page: opaque to clients, and valid in one list only.
 * It holds no secret and grants nothing: the list's own key comes from the request.
 *
 * @param list names the list, with the tenant where it is a tenant's
 */
export function encodeCursor(list: string, after: string): string {
  return Buffer.from(`${checksum(list, after)}${after}`).toString('base64url');
}

/** @throws Refusal `invalid-cursor` for any text that `encodeCursor` did not make for this list */
export function decodeCursor(list: string, cursor: string): string {
  if (cursor.length <= MAX_LENGTH) {
    const text = Buffer.from(cursor, 'base64url').toString();
    const after = text.slice(CHECKSUM_LENGTH);
    if (encodeCursor(list, after) === cursor) return after;
  }
  throw new Refusal(
    'invalid-cursor',
    'The cursor is not one that this list gave; start again without a cursor.',
  );
}

const CHECKSUM_LENGTH = 16;

const checksum = (list: string, after: string) =>
  createHash('sha256').update(`${list}\n${after}`).digest('hex').slice(0, CHECKSUM_LENGTH);
