/** Octets of body that a canonicalization takes at once. */
export const BLOCK = 65_536;

/**
 * A body canonicalization (RFC 6376 §3.4.3, §3.4.4) of one body, block by block. A CR or white
 * space that a block's end leaves open is carried into the next one.
 */
export interface BodyCanonicalization {
  /**
   * The buffer for canonical octets, with room for a CRLF after them. Bodies share it: the caller
   * must use up one call's output before the next call on any of them.
   */
  readonly output: Uint8Array;
  /** Number of CRLFs that end the last block's output; they may be the empty lines at the end. */
  readonly held: number;
  /** True once a block had an LF without its CR: hashed as CRLF, and to be sent as CRLF. */
  readonly bareLf: boolean;
  /** True if a body without a line still gets a CRLF: so in simple, not in relaxed. */
  readonly emptyIsCrlf: boolean;
  /**
   * Canonicalizes one block of at most `BLOCK` octets.
   *
   * @returns the length of the output without the CRLFs it ended in
   */
  block(input: Uint8Array): number;
  /**
   * Ends the body: writes what is still open, a CR that no LF followed.
   *
   * @param to offset in the output
   * @returns the number of octets written
   */
  end(to: number): number;
}

/** Room for a block of bare LFs, what is carried in, and a CRLF. */
export const plainOutput = Buffer.allocUnsafeSlow(2 * BLOCK + 16);

/** Counts the CRLFs that end canonical output, in which every LF has its CR before it. */
export function countLineEnds(output: Uint8Array, length: number): number {
  let at = length;
  while (at > 0 && output[at - 1] === 0x0a) at -= 2;
  return (length - at) / 2;
}
