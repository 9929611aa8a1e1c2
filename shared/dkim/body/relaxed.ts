import { CR, LF, SP, TAB } from '#shared/mail/octets.ts';
import { type BodyCanonicalization, blockOutput } from './block.ts';
import { countLineEnds } from './line-ends.ts';

/**
 * The relaxed body canonicalization (RFC 6376 §3.4.4) in plain TypeScript: runs of white space
 * become one space, white space before a line end goes. A bare LF counts as CRLF; a bare CR is an
 * octet like any other.
 */
export class RelaxedBody implements BodyCanonicalization {
  readonly emptyIsCrlf = false;
  heldLineEnds = 0;
  #whiteSpace = false;
  #cr = false;

  block(input: Uint8Array): Uint8Array {
    const output = blockOutput;
    let whiteSpace = this.#whiteSpace;
    let cr = this.#cr;
    let to = 0;
    for (let at = 0; at < input.length; at += 1) {
      const octet = input[at] as number;
      if (octet === LF) {
        whiteSpace = false;
        cr = false;
        output[to] = CR;
        output[to + 1] = LF;
        to += 2;
        continue;
      }
      if (cr || (octet !== SP && octet !== TAB && octet !== CR)) {
        if (whiteSpace) output[to++] = SP;
        whiteSpace = false;
        if (cr) output[to++] = CR;
        cr = false;
      }
      if (octet === CR) cr = true;
      else if (octet === SP || octet === TAB) whiteSpace = true;
      else output[to++] = octet;
    }
    this.#whiteSpace = whiteSpace;
    this.#cr = cr;
    this.heldLineEnds = countLineEnds(output, to);
    return output.subarray(0, to - 2 * this.heldLineEnds);
  }

  end(): Uint8Array {
    if (!this.#cr) return Buffer.alloc(0);
    return Buffer.from(this.#whiteSpace ? [SP, CR] : [CR]);
  }
}
