/** Octets of a reply line with its code and CRLF (RFC 5321 §4.5.3.1.5). */
const MAX_REPLY_LINE = 512;
/** Before the text: the three digits and a space; after it CRLF. */
const MAX_TEXT = MAX_REPLY_LINE - 'XYZ '.length - '\r\n'.length;

/** An SMTP reply: the code of RFC 5321, and a text that begins with the code of RFC 3463. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** A reply as smtp-server sends one: an error that carries its code. */
export class ReplyError extends Error {
  readonly responseCode: number;

  constructor({ code, text }: Reply) {
    super(text);
    this.name = 'ReplyError';
    this.responseCode = code;
  }
}

/**
 * Makes a reply of one line. Characters that are not ASCII become "?", and a text that is too long
 * for the line ends in "...".
 *
 * @param enhanced such as `5.7.1` (RFC 3463); in the text, since clients read it from there even
 *   where the server announces no ENHANCEDSTATUSCODES
 */
export function reply(code: number, enhanced: string, sentence: string): Reply {
  const ascii = sentence.replace(/[\r\n\t]+/g, ' ').replace(/[^\x20-\x7e]/gu, '?');
  const text = `${enhanced} ${ascii}`;
  return { code, text: text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 3)}...` };
}
