import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('worst-cases.ts', import.meta.url));

test('no 1 MB of anything takes 50 ms', () => {
  const times = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: 'utf8' }),
  ) as Record<string, number>;
  expect(Object.keys(times).length).toBeGreaterThan(120);
  expect(Object.entries(times).filter(([, milliseconds]) => milliseconds >= 50)).toEqual([]);
});
