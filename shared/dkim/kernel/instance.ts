import { kernelWasm } from './kernel.wasm.ts';

/** The compiled kernel and its memory; what each function does is said in kernel.as.ts. */
export interface Kernel {
  /** Where a block is put, with one octet before it that says what came before the block. */
  readonly before: Uint8Array;
  readonly inputMemory: Uint8Array;
  readonly outputMemory: Uint8Array;
  /** The state that `relax` takes and leaves. */
  carry: number;
  /** How many CRLFs the output of `relax` ended in. */
  readonly held: number;
  readonly relax: (length: number) => number;
  readonly suspect: (from: number, length: number) => number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly BLOCK: { readonly value: number };
  readonly INPUT: { readonly value: number };
  readonly OUTPUT: { readonly value: number };
  readonly CARRY: { readonly value: number };
  readonly HELD: { readonly value: number };
  readonly relax: (length: number) => number;
  readonly suspect: (from: number, length: number) => number;
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
  const words = new Int32Array(buffer);
  const [carryAt, heldAt] = [exports.CARRY.value / 4, exports.HELD.value / 4];
  return {
    before: new Uint8Array(buffer, exports.INPUT.value - 1, 1),
    inputMemory: new Uint8Array(buffer, exports.INPUT.value, exports.BLOCK.value),
    outputMemory: new Uint8Array(buffer, exports.OUTPUT.value),
    relax: exports.relax,
    suspect: exports.suspect,
    get carry() {
      return words[carryAt] as number;
    },
    set carry(state) {
      words[carryAt] = state;
    },
    get held() {
      return words[heldAt] as number;
    },
  };
}
