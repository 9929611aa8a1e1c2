import { CR, LF } from './octets.ts';

/**
 * Turns each bare LF into CRLF, as every MTA does on its way in (RFC 6376 §5.3 wants it done before
 * signing). A bare CR stays: verifiers disagree on it, so `inspectSubmission` refuses it.
 *
 * @returns the same buffer where nothing was to be changed
 */
export function normalizeLineEnds(raw: Buffer): Buffer {
  const bare = countBareLf(raw);
  if (bare === 0) return raw;
  const normal = Buffer.allocUnsafe(raw.length + bare);
  let from = 0;
  let to = 0;
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) {
    if (at > 0 && raw[at - 1] === CR) continue;
    to += raw.copy(normal, to, from, at);
    normal[to] = CR;
    to += 1;
    from = at;
  }
  raw.copy(normal, to, from);
  return normal;
}

function countBareLf(raw: Buffer): number {
  let count = 0;
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) {
    if (at === 0 || raw[at - 1] !== CR) count += 1;
  }
  return count;
}
