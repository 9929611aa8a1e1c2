// `npm run test:all`: runs every project. Coverage is measured where its threshold is: in the unit
// suite, which it makes slower. The end-to-end files run by themselves: what they wait for is bounded
// in seconds.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Runs of vitest, one after the other. */
const RUNS = [
  { name: 'unit', options: ['--project=unit', '--coverage'] },
  {
    name: 'contract, local, infra',
    options: ['--project=contract', '--project=local', '--project=infra'],
  },
  { name: 'e2e', options: ['--project=e2e'] },
];

/** Lines of failures that are printed again. */
const MOST_LINES = 100;

/** Begins vitest's report of a failed test, of a missed threshold, and of an error outside tests. */
const FAILED = /Failed (Tests|Suites)|Unhandled Error|ERROR: Coverage/;

const seconds: string[] = [];
/** The lines that name what failed, and why. They come again at the end of a long output. */
const failures: string[] = [];

/** @returns true if all tests passed */
async function passes({ name, options }: (typeof RUNS)[number]): Promise<boolean> {
  const began = performance.now();
  const child = spawn('vitest', ['run', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let failed = false;
  const print = (line: string): void => {
    console.log(`${name} | ${line}`);
    // Vitest's report of failures ends its output.
    failed ||= FAILED.test(line);
    if (failed) failures.push(`${name} | ${line}`);
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', print);
  }
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  child.once('error', reject);
  child.once('close', (code) => resolve(code === 0));
  const passed = await promise;
  const taken = Math.round((performance.now() - began) / 1_000);
  seconds.push(`${String(taken).padStart(6)} s  ${name}: ${passed ? 'passed' : 'FAILED'}`);
  return passed;
}

let passed = true;
for (const run of RUNS) passed = (await passes(run)) && passed;
if (failures.length > 0) console.log(`\n== failures\n${failures.slice(0, MOST_LINES).join('\n')}`);
console.log(`\n== seconds by run\n${seconds.join('\n')}`);
process.exit(passed ? 0 : 1);
