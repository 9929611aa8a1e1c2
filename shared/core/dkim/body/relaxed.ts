import { CR, LF, SP, TAB } from '../../mail/octets.ts';
import { type BodyCanonicalization, countLineEnds, plainOutput } from './block.ts';

/**
 * The relaxed body canonicalization (RFC 6376 §3.4.4) in plain TypeScript: runs of white space
 * become one space, white space before a line end goes. A bare LF counts as CRLF; a bare CR is an
 * octet like any other.
 */
export class RelaxedBody implements BodyCanonicalization {
  readonly output = plainOutput;
  readonly emptyIsCrlf = false;
  held = 0;
  bareLf = false;
  #whiteSpace = false;
  #cr = false;

  block(input: Uint8Array): number {
    const { output } = this;
    const { length } = input;
    let whiteSpace = this.#whiteSpace;
    let cr = this.#cr;
    let to = 0;
    for (let at = 0; at < length; at += 1) {
      const octet = input[at] as number;
      if (octet > SP && !whiteSpace && !cr) {
        output[to++] = octet; // as most octets
        continue;
      }
      if (octet === LF) {
        if (!cr) this.bareLf = true;
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
      if (octet === CR) {
        cr = true;
      } else if (octet === SP || octet === TAB) {
        whiteSpace = true;
      } else {
        output[to++] = octet;
      }
    }
    this.#whiteSpace = whiteSpace;
    this.#cr = cr;
    this.held = countLineEnds(output, to);
    return to - 2 * this.held;
  }

  end(to: number): number {
    if (!this.#cr) return 0;
    this.output[to] = this.#whiteSpace ? SP : CR;
    this.output[to + 1] = CR;
    return this.#whiteSpace ? 2 : 1;
  }
}
