/** A mail of plain text. */
export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * A mail as it is submitted (RFC 5322): the text in base64, the subject as an encoded word (RFC
 * 2047), so that neither can become a header field.
 *
 * @throws Error where an address cannot be written into a header field
 */
export function compose({ from, to, subject, text }: Mail): string {
  return [
    `From: ${address(from)}`,
    `To: ${address(to)}`,
    ...encodedWords(subject),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines(base64(`${text.replaceAll(/\r?\n/g, '\r\n')}\r\n`)),
    '',
  ].join('\r\n');
}

/** An address without display name (RFC 5321 §4.1.2, dot-string only). */
const addressForm = /^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}$/;

export const isAddress = (text: string): boolean => addressForm.test(text);

function address(text: string): string {
  if (!isAddress(text)) throw new Error(`“${text}” is no address such as ann@example.com.`);
  return text;
}

/** Octets of text in one encoded word: 75 characters at most (RFC 2047 §2). */
const WORD = 42;

function encodedWords(subject: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const character of subject) {
    if (octets(word + character).length > WORD) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((each, index) => `${index === 0 ? 'Subject:' : ''} =?utf-8?B?${base64(each)}?=`);
}

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

const base64 = (text: string): string =>
  btoa(Array.from(octets(text), (octet) => String.fromCharCode(octet)).join(''));

const LINE = 76;

const lines = (text: string): string[] => text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
