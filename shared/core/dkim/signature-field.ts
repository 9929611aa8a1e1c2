import type { Algorithm } from './algorithm.ts';

/** The tags of a DKIM-Signature field except the signature itself (RFC 6376 §3.5). */
export interface SignatureTags {
  readonly algorithm: Algorithm;
  readonly headerCanonicalization: 'relaxed' | 'simple';
  readonly bodyCanonicalization: 'relaxed' | 'simple';
  readonly domain: string;
  readonly selector: string;
  /** Seconds since 1970-01-01 UTC. */
  readonly time: number;
  /** Seconds since 1970-01-01 UTC; undefined for a signature that does not expire. */
  readonly expiration: number | undefined;
  /** The `h=` list as `foldNames` gives it. */
  readonly names: string;
  /** The body hash in base64. */
  readonly bodyHash: string;
}

const LINE = 76;
const FOLD = '\r\n ';

/**
 * The DKIM-Signature field with an empty `b=` at its end, to sign and then to append the signature
 * and CRLF to. Folded only after `;`, and after `:` in `h=`: some verifiers take white space inside
 * a value for a part of it.
 */
export function composeSignatureField(tags: SignatureTags): string {
  const parts = [
    ' v=1;',
    ` a=${tags.algorithm};`,
    ` c=${tags.headerCanonicalization}/${tags.bodyCanonicalization};`,
    ` d=${tags.domain};`,
    ` s=${tags.selector};`,
    ` t=${tags.time};`,
    ...(tags.expiration === undefined ? [] : [` x=${tags.expiration};`]),
  ];
  return `DKIM-Signature:${fold(parts, 15)}${FOLD}h=${tags.names};${FOLD}bh=${tags.bodyHash};${FOLD}b=`;
}

/** The names of an `h=` list joined by colons and folded, to begin a line after `h=`. */
export function foldNames(names: readonly string[]): string {
  const last = names.length - 1;
  return fold(
    names.map((name, i) => (i < last ? `${name}:` : name)),
    3,
  );
}

/** Puts parts on lines of at most `LINE` characters where they fit; a part may begin with its space. */
function fold(parts: readonly string[], column: number): string {
  let text = '';
  let at = column;
  for (const part of parts) {
    if (at + part.length > LINE) {
      const unspaced = part.trimStart();
      text += FOLD + unspaced;
      at = 1 + unspaced.length;
    } else {
      text += part;
      at += part.length;
    }
  }
  return text;
}
