import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Cost, MAX_GROWTH } from '../../../support/cost.ts';

const script = fileURLToPath(new URL('worst-cases.ts', import.meta.url));
const MAX_PASSES = 60;

test(`1 MB of anything costs less than ${MAX_PASSES} plain passes over it, and no more than linearly`, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, String(MAX_PASSES)], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  expect({ status, last: stderr.trimEnd().split('\n').at(-1) }).toMatchObject({ status: 0 });
  const costs = JSON.parse(stdout) as Record<string, Cost>;
  expect(Object.keys(costs).length).toBeGreaterThan(120);
  const dear = Object.entries(costs).filter(
    ([, { passes, growth }]) => passes >= MAX_PASSES || growth >= MAX_GROWTH,
  );
  expect(dear).toEqual([]);
}, 330_000);
