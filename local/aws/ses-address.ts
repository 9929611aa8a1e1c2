import { AwsError } from './http.ts';

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** Takes away comments, which may be nested (RFC 5322 §3.2.2), and leaves quoted strings alone. */
function withoutComments(text: string): string {
  let result = '';
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    const escaped = char === '\\' && (quoted || depth > 0);
    const piece = escaped ? text.slice(at, at + 2) : char;
    if (escaped) at++;
    else if (char === '"' && depth === 0) quoted = !quoted;
    else if (char === '(' && !quoted) depth++;
    if (depth === 0) result += piece;
    else if (char === ')' && !quoted && !escaped) depth--;
  }
  if (quoted || depth > 0) throw invalid('Illegal address: a quote or comment is not closed.');
  return result;
}

/** Splits at a character that is neither in quotes nor in angle brackets. */
function splitAt(text: string, separators: string): string[] {
  const parts = [''];
  let quoted = false;
  let angle = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    let piece = char;
    if (char === '\\' && quoted) piece += text[++at] ?? '';
    else if (char === '"') quoted = !quoted;
    else if (char === '<' && !quoted) angle = true;
    else if (char === '>' && !quoted) angle = false;
    if (!quoted && !angle && char !== '"' && separators.includes(char)) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

/** The address in one mailbox: between its angle brackets, or all of it. */
function addressIn(mailbox: string): string {
  const match = /<([^<>]*)>\s*$/.exec(mailbox);
  const address = (match?.[1] ?? mailbox).trim();
  // A source route is obsolete and means nothing (RFC 5322 §4.4).
  return address.replace(/^@[^:]*:/, '');
}

/**
 * The addresses of an address list, those in groups too (RFC 5322 §3.4).
 * @throws AwsError InvalidParameterValue where a quote or a comment is not closed
 */
export function addressesIn(list: string): string[] {
  return splitAt(withoutComments(list), ',;')
    .map((part) => splitAt(part, ':').at(-1) ?? '')
    .map(addressIn)
    .filter((address) => address !== '');
}

/**
 * Checks an address as SES does and gives its parts.
 * @throws AwsError InvalidParameterValue in SES's words
 */
export function checkAddress(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf('@');
  if (at === -1 || at === address.length - 1) throw invalid("Missing final '@domain'");
  const local = address.slice(0, at);
  const domain = address.slice(at + 1).toLowerCase();
  if (local === '') throw invalid('Missing local name');
  if (/\P{ASCII}/u.test(local)) throw invalid('Local address contains non-ASCII characters');
  if (!/^"(?:[^"\\\r\n]|\\.)*"$/.test(local)) {
    if (/[\p{Cc} ]/u.test(local)) {
      throw invalid('Local address contains control or whitespace');
    }
    if (/[()<>[\]:;@\\,"]/.test(local)) throw invalid('Local address contains illegal character');
    if (/^\.|\.\.|\.$/.test(local)) throw invalid('Local address contains dot-dot');
  }
  if (/[\p{Cc} ]/u.test(domain)) throw invalid('Domain contains control or whitespace');
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(domain)) {
    throw invalid('Domain contains illegal character');
  }
  return { local, domain };
}
