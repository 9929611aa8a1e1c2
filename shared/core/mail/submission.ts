import { inspectSubmission, type SubmissionRefusal } from './inspect.ts';
import { FF } from './octets.ts';
import type { ParsedMessage } from './parse.ts';
import { type Repair, isBlank, repairMail, suppliedSender } from './repair.ts';

/** A mail that may be signed, with what was done to make it so. */
export interface SoundMail {
  readonly ok: true;
  /** The octets to keep: those that came where nothing was repaired. */
  readonly raw: Buffer;
  readonly message: ParsedMessage;
  readonly repairs: readonly Repair[];
}

export type PreparedSubmission =
  | SoundMail
  | { readonly ok: false; readonly refusal: SubmissionRefusal };

/** Faults of which `repairMail` may know a remedy. */
const REPAIRABLE: ReadonlySet<SubmissionRefusal['code']> = new Set([
  'byte-order-mark',
  'no-body',
  'bare-lf',
  'final-line-end',
  'line-too-long',
  'header-not-ascii',
  'form-feed',
  'no-sender',
]);

/**
 * Inspects a submitted mail, and repairs what can be repaired without changing what a reader sees. A
 * mail without faults is read once and not copied.
 *
 * @param options `strict`: a mail that needs a repair is refused instead
 */
export function prepareSubmission(
  raw: Buffer,
  { strict }: { readonly strict: boolean },
): PreparedSubmission {
  const inspected = inspect(raw);
  if (inspected.ok || strict || !REPAIRABLE.has(inspected.refusal.code)) return inspected;
  const repaired = repairMail(raw);
  if ('code' in repaired) return { ok: false, refusal: repaired };
  const again = inspect(repaired.raw);
  return again.ok ? { ...again, repairs: repaired.repairs } : again;
}

/** All that makes a mail one to be signed as it is. */
function inspect(raw: Buffer): PreparedSubmission {
  const inspection = inspectSubmission(raw);
  if (!inspection.ok) return inspection;
  const { message, bareLfs } = inspection;
  if (bareLfs > 0) {
    return refuse('bare-lf', `${linesOf(bareLfs)} with LF alone; end each with CRLF.`);
  }
  // Legal mail (RFC 5322 §3.5), but here always a mistake of the program that made it. Verifiers
  // disagree on the hash of an empty body, and of one of white space.
  if (isBlank(message.body)) {
    return refuse(
      'no-body',
      'The mail has no body; put an empty line after the header and at least a line end behind it.',
    );
  }
  if (message.body.subarray(-2).toString('latin1') !== '\r\n') {
    return refuse('final-line-end', 'The last line of the mail has no line end; put CRLF there.');
  }
  if (message.body.includes(FF)) {
    return refuse(
      'form-feed',
      'There is a form feed in the body, for which rspamd rejects signatures; encode the part as quoted-printable or base64.',
    );
  }
  const sender = suppliedSender(message.header);
  if (sender !== undefined) {
    return refuse(
      'no-sender',
      `From names several mailboxes, so the mail needs a Sender field (RFC 5322 §3.6.2); add one, such as "Sender: ${sender}".`,
    );
  }
  return { ok: true, raw, message, repairs: [] };
}

const linesOf = (count: number): string => (count === 1 ? 'A line ends' : `${count} lines end`);

function refuse(code: SubmissionRefusal['code'], detail: string): PreparedSubmission {
  return { ok: false, refusal: { code, detail } };
}
