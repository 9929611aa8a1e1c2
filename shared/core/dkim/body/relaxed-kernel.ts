import { CR, SP } from '../../mail/octets.ts';
import type { Kernel } from '../kernel/instance.ts';
import type { BodyCanonicalization } from './block.ts';

/** Bits of the kernel's state between blocks. */
const WHITE_SPACE = 1;
const OPEN_CR = 2;
const BARE_LF = 4;

/** The relaxed body canonicalization (RFC 6376 §3.4.4) on the SIMD kernel, equal to `RelaxedBody`. */
export class KernelRelaxedBody implements BodyCanonicalization {
  readonly output: Uint8Array;
  readonly emptyIsCrlf = false;
  held = 0;
  readonly #kernel: Kernel;
  #carry = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.output = kernel.output;
  }

  get bareLf(): boolean {
    return (this.#carry & BARE_LF) !== 0;
  }

  block(input: Uint8Array): number {
    this.#kernel.input.set(input);
    const { length, held, carry } = this.#kernel.relax(input.length, this.#carry);
    this.#carry = carry;
    this.held = held;
    return length;
  }

  end(to: number): number {
    if ((this.#carry & OPEN_CR) === 0) return 0;
    const whiteSpace = (this.#carry & WHITE_SPACE) !== 0;
    this.output[to] = whiteSpace ? SP : CR;
    this.output[to + 1] = CR;
    return whiteSpace ? 2 : 1;
  }
}
