import { createHash } from 'node:crypto';
import { BLOCK, type BodyCanonicalization } from './block.ts';

const CRLF = Buffer.from('\r\n');
const LINE_ENDS = Buffer.alloc(4096, CRLF);

/**
 * SHA-256 over a body in canonical form, fed in chunks of any length; memory does not grow with
 * the body. Empty lines at the end of the body are not hashed (RFC 6376 §3.4.3, §3.4.4).
 */
export class BodyHash {
  readonly #canonicalization: BodyCanonicalization;
  readonly #hash = createHash('sha256');
  #held = 0;
  #room: number;
  #empty = true;

  /** @param limit octets of canonical body to hash, as in `l=` (RFC 6376 §3.5); all by default */
  constructor(canonicalization: BodyCanonicalization, limit = Number.POSITIVE_INFINITY) {
    this.#canonicalization = canonicalization;
    this.#room = limit;
  }

  update(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += BLOCK) {
      this.#content(this.#canonicalization.block(chunk.subarray(at, at + BLOCK)));
      this.#held += this.#canonicalization.heldLineEnds;
    }
  }

  /** Ends the body. The last line gets a line end where it has none. */
  digest(): Buffer {
    this.#content(this.#canonicalization.end());
    if (!this.#empty || this.#canonicalization.emptyIsCrlf) this.#add(CRLF);
    return this.#hash.digest();
  }

  /** The limit less the octets of canonical body so far; negative where the body is longer. */
  get roomLeft(): number {
    return this.#room;
  }

  #content(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#empty = false;
    for (let left = this.#held * 2; left > 0; left -= LINE_ENDS.length) {
      this.#add(left < LINE_ENDS.length ? LINE_ENDS.subarray(0, left) : LINE_ENDS);
    }
    this.#held = 0;
    this.#add(octets);
  }

  #add(octets: Uint8Array): void {
    if (this.#room > 0)
      this.#hash.update(octets.length <= this.#room ? octets : octets.subarray(0, this.#room));
    this.#room -= octets.length;
  }
}
