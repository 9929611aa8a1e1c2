import { CR, LF } from '../../mail/octets.ts';
import { type BodyCanonicalization, countLineEnds, plainOutput } from './block.ts';

/**
 * The simple body canonicalization (RFC 6376 §3.4.3): nothing changes but the empty lines at the
 * end. A bare LF counts as CRLF, as in `normalizeLineEnds`.
 */
export class SimpleBody implements BodyCanonicalization {
  readonly output = plainOutput;
  readonly emptyIsCrlf = true;
  held = 0;
  bareLf = false;
  #cr = false;

  block(input: Uint8Array): number {
    const { output } = this;
    let cr = this.#cr;
    let to = 0;
    for (let at = 0; at < input.length; at += 1) {
      const octet = input[at] as number;
      if (octet === LF && !cr) this.bareLf = true;
      if (cr || octet === LF) output[to++] = CR;
      cr = octet === CR;
      if (!cr) output[to++] = octet;
    }
    this.#cr = cr;
    this.held = countLineEnds(output, to);
    return to - 2 * this.held;
  }

  end(to: number): number {
    if (this.#cr) this.output[to] = CR;
    return this.#cr ? 1 : 0;
  }
}
