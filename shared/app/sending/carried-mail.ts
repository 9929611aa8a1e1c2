import { allocateMail } from '#shared/core/mail/room.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { CarriedMailRequest } from '../ports/queues.ts';

/** A mail that its message in the queue carries, with its recipients. */
export interface CarriedMail {
  readonly message: Message;
  /** In order, those of `suppressed` among them. */
  readonly recipients: readonly string[];
  readonly suppressed: ReadonlySet<string>;
  /** RFC 5322, as it was accepted. */
  readonly raw: Buffer;
}

/** Octets of the largest mail that is carried. */
export const MAX_CARRIED = 131_072;
/** Octets of a message of SQS, until August 2025; what fits in it costs at most four requests. */
const MAX_MESSAGE = 262_144;
/** Left for what a signer adds to a message that it queues again. */
const RESERVE = 1_024;

/**
 * Makes the message that carries a mail.
 *
 * @returns undefined where it would be too large: the mail is stored then
 */
export function carriedMailRequest({
  message,
  recipients,
  suppressed,
  raw,
}: CarriedMail): CarriedMailRequest | undefined {
  if (raw.length > MAX_CARRIED) return undefined;
  const request: CarriedMailRequest = {
    carried: { message, recipients, suppressed: [...suppressed], mail: raw.toString('base64') },
  };
  const octets = Buffer.byteLength(JSON.stringify(request));
  return octets > MAX_MESSAGE - RESERVE ? undefined : request;
}

/** Reads the mail out of a message, with room for a signature before it. */
export function carriedMailOf({ carried }: CarriedMailRequest): CarriedMail {
  const { message, recipients, suppressed, mail } = carried;
  const raw = allocateMail(Buffer.byteLength(mail, 'base64'));
  raw.write(mail, 'base64');
  return { message, recipients, suppressed: new Set(suppressed), raw };
}
