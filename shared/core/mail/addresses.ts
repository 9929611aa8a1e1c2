import { isUtf8 } from 'node:buffer';
import { domainToASCII, domainToUnicode } from 'node:url';
import { Refusal } from '../model/errors.ts';
import { type DomainName, parseDomainName } from '../model/names.ts';
import { type AddressToken, addressTokens } from './address-tokens.ts';

/** One mailbox of an address list, without its display name. */
export interface Mailbox {
  /** As written, in ASCII; quoted where it was. */
  readonly localPart: string;
  readonly domain: DomainName;
  /** `localPart@domain`, the domain in A-labels and lower case. */
  readonly address: string;
}

/** The addresses of a list, or why they cannot be parsed. */
export type AddressList =
  | { readonly ok: true; readonly mailboxes: readonly Mailbox[]; readonly groups: number }
  | { readonly ok: false; readonly detail: string };

/** Some thousand addresses; bounds the time that one field can take to some 30 ms. */
const MAX_LENGTH = 250_000;

/** Thrown inside the parser only; `parseAddressList` turns it into a value. */
class Unreadable extends Error {}

/**
 * Reads the value of From, Sender, To, Cc or Bcc: mailboxes and groups (RFC 5322 §3.4, RFC 6854).
 *
 * Takes only what every reader takes alike, as far as domains go: an address in a comment or in a
 * display name without quotes must be of a domain that the list names anyway. Of the obsolete syntax
 * dots in a display name and empty list elements are taken; routes, white space or comments inside an
 * address, an encoded word or a quoted special character in it are not.
 *
 * @param value a field's value unchanged, folds included
 */
export function parseAddressList(value: Buffer): AddressList {
  if (value.length > MAX_LENGTH)
    return { ok: false, detail: `it is longer than ${MAX_LENGTH} octets` };
  if (!isUtf8(value)) return { ok: false, detail: 'it is not valid UTF-8' };
  const text = value.toString('utf8').replace(/\r?\n(?=[ \t]|$)/g, '');
  const control = /[^\P{Cc}\t]/u.exec(text);
  if (control !== null)
    return { ok: false, detail: `it holds the control character ${JSON.stringify(control[0])}` };
  const read = addressTokens(text);
  if ('fault' in read) return { ok: false, detail: read.fault };
  try {
    const reader = new AddressReader(read.tokens);
    const list = reader.list();
    requireNamed([...read.inComments, ...reader.inNames], list.mailboxes);
    return list;
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, detail: error.message };
    throw error;
  }
}

/** @throws Unreadable where a reader could take a domain that is of no mailbox */
function requireNamed(domains: readonly string[], mailboxes: readonly Mailbox[]): void {
  for (const text of domains) {
    if (mailboxes.some(({ domain }) => domain === domainIn(text))) continue;
    throw new Unreadable(
      `"@${text}" stands in a comment or a display name, where some readers take it for an address; remove it, or put the name in quotes`,
    );
  }
}

/** A text as a domain; undefined where it is none. */
function domainIn(text: string): DomainName | undefined {
  try {
    return toDomain(text.replace(/\.$/, ''));
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Recursive descent over the tokens of one list; each method reads one rule of RFC 5322 §3.4. */
class AddressReader {
  readonly #tokens: readonly AddressToken[];
  readonly #mailboxes: Mailbox[] = [];
  #at = 0;
  #groups = 0;
  /** What follows each "@" in a display name without quotes. */
  readonly inNames: string[] = [];

  constructor(tokens: readonly AddressToken[]) {
    this.#tokens = tokens;
  }

  list(): AddressList & { ok: true } {
    do if (!this.#isEmptyElement()) this.#address();
    while (this.#take(','));
    if (this.#at < this.#tokens.length)
      throw new Unreadable(`${this.#found()} follows an address; separate addresses by commas`);
    return { ok: true, mailboxes: this.#mailboxes, groups: this.#groups };
  }

  /** Nothing between commas, or at an end of the list; but not a list of nothing (RFC 5322 §4.4). */
  #isEmptyElement(): boolean {
    const { kind, text } = this.#tokens[this.#at] ?? {};
    const isNothing = kind === undefined || (kind === 'special' && text === ',');
    return isNothing && (this.#mailboxes.length > 0 || this.#tokens.some(isWord));
  }

  #address(): void {
    if (this.#addressAsName()) return;
    const words = this.#words();
    if (!this.#take(':')) return this.#mailbox(words);
    if (words.length === 0) throw new Unreadable('a group has no name');
    this.#groups += 1;
    if (this.#take(';')) return;
    do this.#mailbox(this.#words());
    while (this.#take(','));
    if (!this.#take(';'))
      throw new Unreadable(`a group is not closed by ";": ${this.#found()} stands there`);
  }

  /**
   * A display name that holds an address without quotes, as `a@b.example <a@b.example>`. RFC 5322 has
   * no such name, but many programs write it, and readers take the one address or the other.
   */
  #addressAsName(): boolean {
    let end = this.#at;
    while (end < this.#tokens.length && isNameOrAt(this.#tokens[end] as AddressToken)) end += 1;
    if (this.#tokens[end]?.text !== '<') return false;
    const name = this.#tokens.slice(this.#at, end);
    if (!name.some(isAt)) return false;
    for (const [index, token] of name.entries()) {
      if (isAt(token)) this.inNames.push(domainAfter(name, index));
    }
    this.#at = end;
    this.#mailbox([]);
    return true;
  }

  /** A name-addr or a bare addr-spec, whose display name or local part is already read. */
  #mailbox(words: readonly AddressToken[]): void {
    if (!this.#take('<')) {
      this.#mailboxes.push(this.#addrSpec(words, words[0]));
      return;
    }
    const first = this.#tokens[this.#at];
    if (first?.before === 'comment') throw new Unreadable('a comment stands inside of "<" and ">"');
    this.#mailboxes.push(this.#addrSpec(this.#words(), first));
    if (this.#tokens[this.#at]?.before === 'comment')
      throw new Unreadable('a comment stands inside of "<" and ">"');
    if (!this.#take('>'))
      throw new Unreadable(`an address is not closed by ">": ${this.#found()} stands there`);
  }

  #addrSpec(local: readonly AddressToken[], first: AddressToken | undefined): Mailbox {
    const at = this.#tokens[this.#at];
    if (!this.#take('@')) {
      const text = local.map((token) => token.text).join(' ');
      if (ENCODED_WORD.test(text))
        throw new Unreadable(
          'an encoded word stands where the address must be: the program that made the mail encoded the whole field, and must encode the display name only',
        );
      throw new Unreadable(
        text === ''
          ? `no address where ${this.#found()} stands`
          : `"${text}" is no address: it has no "@"`,
      );
    }
    const domain = this.#words();
    const inner = [...local, at as AddressToken, ...domain].filter((token) => token !== first);
    if (inner.some((token) => token.before !== 'nothing'))
      throw new Unreadable('white space or a comment stands inside an address');
    return mailboxOf(local, domain);
  }

  /** Atoms, quoted strings and dots as far as they go. */
  #words(): AddressToken[] {
    const start = this.#at;
    while (this.#at < this.#tokens.length && isWord(this.#tokens[this.#at] as AddressToken))
      this.#at += 1;
    return this.#tokens.slice(start, this.#at);
  }

  #take(special: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'special' || token.text !== special) return false;
    this.#at += 1;
    return true;
  }

  #found(): string {
    const token = this.#tokens[this.#at];
    return token === undefined ? 'the end' : JSON.stringify(token.text);
  }
}

const isAt = (token: AddressToken): boolean => token.kind === 'special' && token.text === '@';

const isNameOrAt = (token: AddressToken): boolean => isWord(token) || isAt(token);

/** The words and dots behind an "@", as far as some reader may take them for its domain. */
function domainAfter(name: readonly AddressToken[], at: number): string {
  let end = at + 1;
  const follows = (token: AddressToken | undefined): boolean =>
    token !== undefined &&
    isWord(token) &&
    (token.before === 'nothing' || token.text === '.' || name[end - 1]?.text === '.');
  while (follows(name[end])) end += 1;
  return name
    .slice(at + 1, end)
    .map(({ text }) => text)
    .join('');
}

function isWord(token: AddressToken): boolean {
  return token.kind !== 'special' || token.text === '.';
}

const ENCODED_WORD = /=\?.*\?=/;

function mailboxOf(local: readonly AddressToken[], domainTokens: readonly AddressToken[]): Mailbox {
  const localPart = local.map((token) => token.text).join('');
  const domainText = domainTokens.map((token) => token.text).join('');
  if (!/^[\x20-\x7e]*$/.test(localPart)) {
    throw new Unreadable(
      `"${localPart}" is not ASCII; Amazon SES cannot send from or to such an address`,
    );
  }
  if (ENCODED_WORD.test(localPart) || ENCODED_WORD.test(domainText))
    throw new Unreadable('an encoded word stands inside an address');
  if (!isDotAtom(local) && !isPlainQuoted(local))
    throw new Unreadable(`"${localPart}" cannot stand before the "@"`);
  if (!isDotAtom(domainTokens)) throw new Unreadable(`"${domainText}" cannot stand after the "@"`);
  const domain = toDomain(domainText);
  return { localPart, domain, address: `${localPart}@${domain}` };
}

/** Atoms with one dot between each two. */
function isDotAtom(tokens: readonly AddressToken[]): boolean {
  return (
    tokens.length % 2 === 1 &&
    tokens.every((token, i) => (i % 2 === 0 ? token.kind === 'atom' : token.text === '.'))
  );
}

/** A quoted local part that readers which ignore quotes read the same. */
function isPlainQuoted(tokens: readonly AddressToken[]): boolean {
  const [token] = tokens;
  return tokens.length === 1 && token?.kind === 'quoted' && /^"[^@<>,;:()\\]+"$/.test(token.text);
}

/** A-labels of a domain as written. A U-label must be written as IDNA would show it: some readers do not map. */
function toDomain(text: string): DomainName {
  if (/[^ -~]/.test(text) && domainToUnicode(domainToASCII(text)) !== text.toLowerCase()) {
    throw new Unreadable(
      `"${text}" is not written as IDNA has it; write it in lower case, or as A-labels (xn--)`,
    );
  }
  try {
    return parseDomainName(text);
  } catch (error) {
    if (error instanceof Refusal) throw new Unreadable(error.message.replace(/\.$/, ''));
    throw error;
  }
}
