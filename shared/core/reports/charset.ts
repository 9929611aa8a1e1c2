/** Octets that must contain an XML declaration, if there is one. */
const DECLARATION_WITHIN = 200;

/**
 * Returns a decoder for an XML text by its first bytes: its byte order mark, its zeros, else what
 * it declares, else UTF-8. A declaration that its own bytes contradict (`utf-16` in one byte a
 * character) and an unknown one count as UTF-8. Bytes that are wrong in the charset become U+FFFD:
 * what matters in a report is ASCII.
 */
export function decoderFor(start: Buffer): InstanceType<typeof TextDecoder> {
  return new TextDecoder(charsetOf(start));
}

function charsetOf(start: Buffer): string {
  const [first, second, third] = start;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0x3c && second === 0) return 'utf-16le';
  if (first === 0 && second === 0x3c) return 'utf-16be';
  const declaration = start.toString('latin1', 0, DECLARATION_WITHIN);
  const [, declared = 'utf-8'] = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    declaration,
  ) ?? [undefined];
  return /^(?:utf-?16|ucs-?2|utf-?32|ucs-?4)/i.test(declared) || !isKnown(declared)
    ? 'utf-8'
    : declared;
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
