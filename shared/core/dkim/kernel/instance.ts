import { kernelWasm } from './kernel.wasm.ts';

/** The compiled kernel; what each function does is said in kernel.as.ts. */
export interface Kernel {
  /** The address of the input block. */
  readonly input: Uint8Array;
  /** The address of the output of `relax`. */
  readonly output: Uint8Array;
  /**
   * Relaxed body canonicalization of a block in `input`.
   *
   * @param carry what the block before left, 0 before the first
   */
  relax(length: number, carry: number): Relaxed;
  /**
   * Finds NULs, bare CRs and bare LFs of a block in `input`.
   *
   * @param before the octet before the block
   */
  findFaults(length: number, before: number): BlockFaults;
}

/** The same object at each call; read it before the next. */
export interface Relaxed {
  /** The length of the output without the CRLFs it ended in. */
  length: number;
  /** The number of these CRLFs. */
  held: number;
  /** What the block leaves to the next: white space or a CR that is open, and whether an LF was bare. */
  carry: number;
}

export interface BlockFaults {
  /** Offset of the first NUL. */
  readonly nul: number | undefined;
  /** Offset of the first CR that another octet than LF follows; -1 is the octet before the block. */
  readonly bareCr: number | undefined;
  readonly bareLfs: number;
}

interface Constant {
  readonly value: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly BLOCK: Constant;
  readonly INPUT: Constant;
  readonly OUTPUT: Constant;
  readonly CARRY: Constant;
  readonly HELD: Constant;
  readonly NUL_AT: Constant;
  readonly BARE_CR_AT: Constant;
  readonly BARE_LFS: Constant;
  readonly NONE: Constant;
  readonly relax: (length: number) => number;
  readonly findFaults: (length: number) => void;
}

let loaded: Kernel | null | undefined;

/**
 * The kernel, compiled at the first call; null where the processor has no SIMD that WebAssembly can
 * use. One instance serves all messages: what a call left in memory is used up before the next.
 */
export function kernel(): Kernel | null {
  if (loaded === undefined) loaded = loadKernel(Buffer.from(kernelWasm, 'base64'));
  return loaded;
}

/** @param wasm the compiled kernel */
export function loadKernel(wasm: Buffer): Kernel | null {
  if (!WebAssembly.validate(wasm)) return null;
  const exports = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as Exports;
  const { buffer } = exports.memory;
  const input = new Uint8Array(buffer, exports.INPUT.value, exports.BLOCK.value);
  const beforeInput = new Uint8Array(buffer, exports.INPUT.value - 1, 1);
  const words = new Int32Array(buffer);
  const [carryAt, heldAt] = [wordAt(exports.CARRY), wordAt(exports.HELD)];
  const [nulAt, bareCrAt, bareLfsAt] = [
    wordAt(exports.NUL_AT),
    wordAt(exports.BARE_CR_AT),
    wordAt(exports.BARE_LFS),
  ];
  const none = exports.NONE.value;
  const offset = (at: number): number | undefined => (words[at] === none ? undefined : words[at]);
  const relaxed: Relaxed = { length: 0, held: 0, carry: 0 };
  return {
    input,
    output: new Uint8Array(buffer, exports.OUTPUT.value),
    relax(length, carry) {
      words[carryAt] = carry;
      relaxed.length = exports.relax(length);
      relaxed.held = words[heldAt] as number;
      relaxed.carry = words[carryAt];
      return relaxed;
    },
    findFaults(length, before) {
      beforeInput[0] = before;
      exports.findFaults(length);
      return { nul: offset(nulAt), bareCr: offset(bareCrAt), bareLfs: words[bareLfsAt] as number };
    },
  };
}

function wordAt(constant: Constant): number {
  return constant.value / Int32Array.BYTES_PER_ELEMENT;
}
