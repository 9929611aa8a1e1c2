import { LF } from '#shared/mail/octets.ts';

/** How many CRLFs canonical output of the given length ends in; in it every LF has its CR before it. */
export function countLineEnds(output: Uint8Array, length: number): number {
  let at = length;
  while (at > 0 && output[at - 1] === LF) at -= 2;
  return (length - at) / 2;
}
