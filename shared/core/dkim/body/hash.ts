import { type Hash, createHash, hash } from 'node:crypto';
import { CR, LF } from '../../mail/octets.ts';
import { BLOCK, type BodyCanonicalization } from './block.ts';

const LINE_ENDS = Buffer.alloc(4096, '\r\n');

/**
 * The hash of a whole body, `bh=`: SHA-256 in base64 over its canonical form.
 *
 * @param canonicalization a fresh one
 */
export function hashBody(body: Uint8Array, canonicalization: BodyCanonicalization): string {
  if (body.length > BLOCK) {
    const streamed = new BodyHash(canonicalization);
    streamed.update(body);
    return streamed.digest();
  }
  // one block: hashed at once, which costs less than a hash object
  const { output } = canonicalization;
  let length = canonicalization.block(body);
  const open = canonicalization.end(length + 2 * canonicalization.held);
  if (open > 0) length += 2 * canonicalization.held + open;
  if (length > 0 || canonicalization.emptyIsCrlf) {
    output[length] = CR;
    output[length + 1] = LF;
    length += 2;
  }
  return hash('sha256', output.subarray(0, length), 'base64');
}

/**
 * SHA-256 over a body in canonical form, fed in chunks of any length; memory does not grow with
 * the body. Empty lines at the end of the body are not hashed (RFC 6376 §3.4.3, §3.4.4).
 */
export class BodyHash {
  readonly #canonicalization: BodyCanonicalization;
  readonly #hash: Hash = createHash('sha256');
  #held = 0;
  #room: number;
  #empty = true;

  /**
   * @param canonicalization a fresh one
   * @param limit octets of canonical body to hash, as in `l=` (RFC 6376 §3.5); all by default
   */
  constructor(canonicalization: BodyCanonicalization, limit = Number.POSITIVE_INFINITY) {
    this.#canonicalization = canonicalization;
    this.#room = limit;
  }

  update(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += BLOCK) {
      this.#content(this.#canonicalization.block(chunk.subarray(at, at + BLOCK)));
      this.#held += this.#canonicalization.held;
    }
  }

  /** Ends the body; the last line gets a line end where it has none. The hash comes in base64. */
  digest(): string {
    this.#content(this.#canonicalization.end(0));
    if (!this.#empty || this.#canonicalization.emptyIsCrlf) this.#add(LINE_ENDS.subarray(0, 2));
    return this.#hash.digest('base64');
  }

  /** The limit less the octets of canonical body so far; negative where the body is longer. */
  get roomLeft(): number {
    return this.#room;
  }

  /** Hashes what was written to the output, and before it the line ends that turn out to be inside. */
  #content(length: number): void {
    if (length === 0) return;
    this.#empty = false;
    for (let left = this.#held * 2; left > 0; left -= LINE_ENDS.length)
      this.#add(LINE_ENDS.subarray(0, left));
    this.#held = 0;
    this.#add(this.#canonicalization.output.subarray(0, length));
  }

  #add(octets: Uint8Array): void {
    if (this.#room > 0)
      this.#hash.update(octets.length <= this.#room ? octets : octets.subarray(0, this.#room));
    this.#room -= octets.length;
  }
}
