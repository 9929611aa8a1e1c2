import type { DkimResult } from './verify.ts';

/**
 * An Authentication-Results field for the results of a message (RFC 8601 §2.2, §2.7.1), folded at
 * each result, without a line end after it.
 *
 * @param server the authserv-id: the name of who verified
 */
export function authenticationResults(server: string, results: readonly DkimResult[]): string {
  return [`Authentication-Results: ${server}`, ...results.map(describeResult)].join(';\r\n ');
}

function describeResult({ result, reason, signature }: DkimResult): string {
  const parts = [`dkim=${result}`];
  if (reason !== undefined) parts.push(`reason=${quoted(reason)}`);
  if (signature !== undefined) {
    const start = signature.signature.toString('base64').slice(0, 8); // RFC 6008: identifies the signature among several
    parts.push(
      `header.d=${signature.domain}`,
      `header.s=${signature.selector}`,
      `header.a=${signature.algorithm}`,
      `header.b=${quoted(start)}`,
    );
  }
  return parts.join(' ');
}

/** A quoted-string: what came from the message may hold anything. */
function quoted(text: string): string {
  return `"${text.replace(/[^ -~]/g, '?').replace(/["\\]/g, String.raw`\$&`)}"`;
}
