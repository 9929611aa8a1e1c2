/** A lexical piece of an address list (RFC 5322 §3.2), comments and white space taken out. */
export interface AddressToken {
  readonly kind: 'atom' | 'quoted' | 'special';
  /** The text as written; a quoted string with its quotes. */
  readonly text: string;
  /** Nothing, white space or a comment, right before it. */
  readonly before: 'nothing' | 'space' | 'comment';
}

/** The tokens of a list, and the domains that its comments name. */
export interface AddressTokens {
  readonly tokens: readonly AddressToken[];
  /** What follows each "@" in a comment: some readers take an address from there. */
  readonly inComments: readonly string[];
}

/** The reason why a text is no list of tokens. */
export interface TokenFault {
  readonly fault: string;
}

const ATOM = /[^\s()<>[\]:;@\\,."\p{Cc}]+/uy;
const SPACE = /[ \t]+/y;
/** An "@" in a comment, and what some reader may take for the domain behind it. */
const AT_DOMAIN = /@([^\s@<>(),;:"\\[\]]*)/g;
const SPECIALS = '<>:;@,.';

/**
 * Splits an unfolded address list into tokens, in linear time.
 *
 * A comment with an angle bracket but no address is a fault: some readers read on from there.
 */
export function addressTokens(text: string): AddressTokens | TokenFault {
  const tokens: AddressToken[] = [];
  const inComments: string[] = [];
  let before: AddressToken['before'] = 'nothing';
  for (let at = 0; at < text.length;) {
    const char = text[at] as string;
    const end = endOfPiece(text, at);
    if (end === undefined) return { fault: faultAt(char) };
    const piece = text.slice(at, end);
    at = end;
    if (char === '(') {
      const domains = [...piece.matchAll(AT_DOMAIN)].map(([, domain = '']) => domain);
      if (domains.length === 0 && /[<>]/.test(piece))
        return {
          fault: `the comment ${piece} holds "<" or ">", which some readers take for an address`,
        };
      inComments.push(...domains);
      before = 'comment';
    } else if (char === ' ' || char === '\t') {
      if (before === 'nothing') before = 'space';
    } else {
      const kind = char === '"' ? 'quoted' : SPECIALS.includes(char) ? 'special' : 'atom';
      tokens.push({ kind, text: piece, before });
      before = 'nothing';
    }
  }
  return { tokens, inComments };
}

function endOfPiece(text: string, at: number): number | undefined {
  const char = text[at] as string;
  if (char === '(') return endOfComment(text, at);
  if (char === '"') return endOfQuoted(text, at);
  if (SPECIALS.includes(char)) return at + 1;
  const pattern = char === ' ' || char === '\t' ? SPACE : ATOM;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function endOfQuoted(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '"') return at + 1;
  }
  return undefined;
}

/** Comments nest (RFC 5322 §3.2.2). */
function endOfComment(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function faultAt(char: string): string {
  if (char === '"') return 'a quoted string is not closed';
  if (char === '(') return 'a comment is not closed';
  return `the character ${JSON.stringify(char)} stands outside of quotes`;
}
