// oxlint-disable-next-line no-restricted-imports -- a build step: nothing of it runs in the product
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createMemoryStream, main } from 'assemblyscript/asc';

const source = new URL('kernel.as.ts', import.meta.url);
const artefact = new URL('kernel.wasm.ts', import.meta.url);

// 4 pages of memory are 256 KiB: a block, its output, and the memory below them
const options =
  '-O3 --noAssert --runtime stub --enable simd --initialMemory 4 --maximumMemory 4'.split(' ');

/**
 * Compiles the kernel and gives the text of the module that carries it.
 *
 * @throws Error with the compiler's messages
 */
export async function buildKernel(): Promise<string> {
  const files = new Map<string, string | Uint8Array>();
  const messages = createMemoryStream();
  const { error } = await main(['kernel.as.ts', '--outFile', 'kernel.wasm', ...options], {
    readFile: (name) => (name === 'kernel.as.ts' ? readFileSync(source, 'utf8') : null),
    writeFile: (name, contents) => void files.set(name, contents),
    listFiles: () => null,
    stderr: messages,
  });
  const wasm = files.get('kernel.wasm');
  if (error !== null || wasm === undefined) {
    throw new Error(`The kernel does not compile: ${messages.toString()}`);
  }
  return [
    '/** kernel.as.ts as WebAssembly, in base64. Made by `npm run build`; do not edit. */',
    'export const kernelWasm =',
    `  '${Buffer.from(wasm).toString('base64')}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(artefact, await buildKernel());
}
