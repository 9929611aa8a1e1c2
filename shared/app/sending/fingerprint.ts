import { createHash } from 'node:crypto';

/**
 * Returns the SHA-256 of a mail and its recipients, hex. Over the mail as it came, so that a replay is
 * recognised whatever was repaired.
 */
export function fingerprintOf(raw: Buffer, recipients: readonly string[]): string {
  return createHash('sha256')
    .update(`${recipients.join('\n')}\n\n`)
    .update(raw)
    .digest('hex');
}
