/**
 * `npm run bench -- [SUITE ...] [--json]`: runs the named suites, or all, and prints tables, or with
 * `--json` only lines of JSON: `{suite, case, subject, value, unit, limitRatio?}`.
 */
import { parseArgs } from 'node:util';
import type { Line, Suite } from './lib/line.ts';
import { table } from './lib/table.ts';

const suites: Record<string, () => Promise<Suite>> = {
  signing: () => import('./signing/suite.ts'),
  checks: () => import('./checks/suite.ts'),
  handler: () => import('./handler/suite.ts'),
  build: () => import('./build/suite.ts'),
  rotation: () => import('./rotation/suite.ts'),
  dashboard: () => import('./dashboard/suite.ts'),
  ready: () => import('./ready/suite.ts'),
  reports: () => import('./reports/suite.ts'),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(
    `No suite named ${unknown.join(', ')}; there are: ${Object.keys(suites).join(', ')}.`,
  );
  process.exit(2);
}

for (const name of positionals.length > 0 ? positionals : Object.keys(suites)) {
  const suite = await suites[name]!();
  const lines: Line[] = [];
  await suite.run((line) => {
    if (values.json) console.log(JSON.stringify(line));
    else lines.push(line);
  });
  if (!values.json) console.log(table(name, lines));
}
// Suites start workers and servers of other people's; what they left open must not hold the exit.
process.exit(0);
