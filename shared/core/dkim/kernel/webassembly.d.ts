/** The part of the WebAssembly API in use; TypeScript has it only in its library for browsers. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  const Module: new (bytes: Uint8Array) => Module;
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
}
