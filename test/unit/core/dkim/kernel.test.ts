import { expect, test } from 'vitest';
import { BLOCK } from '#shared/core/dkim/body/block.ts';
import { buildKernel } from '#shared/core/dkim/kernel/build.ts';
import { kernel, loadKernel } from '#shared/core/dkim/kernel/instance.ts';
import { kernelWasm } from '#shared/core/dkim/kernel/kernel.wasm.ts';

test('building the kernel again gives the bytes that are checked in', async () => {
  const built = await buildKernel();
  expect(built).toContain(`'${kernelWasm}'`);
});

test('the kernel takes a block of the size that it is fed', () => {
  expect(kernel()?.input).toHaveLength(BLOCK);
  expect(kernel()?.output.length).toBeGreaterThanOrEqual(2 * BLOCK + 16);
});

test('where WebAssembly cannot run it, there is no kernel', () => {
  expect(loadKernel(Buffer.from('not WebAssembly'))).toBeNull();
});
