import { CR, LF } from '#shared/mail/octets.ts';
import { type BodyCanonicalization, blockOutput } from './block.ts';
import { countLineEnds } from './line-ends.ts';

/**
 * The simple body canonicalization (RFC 6376 §3.4.3): nothing changes but the empty lines at the
 * end. A bare LF counts as CRLF, as in `normalizeLineEnds`.
 */
export class SimpleBody implements BodyCanonicalization {
  readonly emptyIsCrlf = true;
  heldLineEnds = 0;
  #cr = false;

  block(input: Uint8Array): Uint8Array {
    const output = blockOutput;
    let cr = this.#cr;
    let to = 0;
    for (let at = 0; at < input.length; at += 1) {
      const octet = input[at] as number;
      if (cr || octet === LF) output[to++] = CR;
      cr = octet === CR;
      if (!cr) output[to++] = octet;
    }
    this.#cr = cr;
    this.heldLineEnds = countLineEnds(output, to);
    return output.subarray(0, to - 2 * this.heldLineEnds);
  }

  end(): Uint8Array {
    return this.#cr ? Buffer.from([CR]) : Buffer.alloc(0);
  }
}
