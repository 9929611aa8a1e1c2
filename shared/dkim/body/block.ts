/** Octets of body that a canonicalization takes at once; its output is at most twice as long and a bit. */
export const BLOCK = 65_536;
/**
 * Room for the output of one block: each octet may be a bare LF, and two may be carried in. Shared,
 * since what a block gives is used up before the next one is asked for.
 */
export const blockOutput = Buffer.allocUnsafeSlow(2 * BLOCK + 16);

/**
 * A body canonicalization (RFC 6376 §3.4.3, §3.4.4) that works block by block. It carries what a
 * block's end leaves open, a CR or white space, into the next one.
 */
export interface BodyCanonicalization {
  /**
   * Canonicalizes one block of at most `BLOCK` octets. Line ends at the end of the output are held
   * back, since they may turn out to be the empty lines at the end of the body: `heldLineEnds`.
   *
   * @returns the canonical octets, valid until the next call on any canonicalization
   */
  block(input: Uint8Array): Uint8Array;
  /** How many CRLFs the last block's output ended in; they are not part of it. */
  readonly heldLineEnds: number;
  /** What is left open at the end of the body: a CR that no LF followed, else nothing. */
  end(): Uint8Array;
  /** Whether a body without a line still gets a CRLF: so in simple, not in relaxed. */
  readonly emptyIsCrlf: boolean;
}
