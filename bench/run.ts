import { readArguments, runCommand, UsageError } from '../cli/command.ts';
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
  budgets: () => import('./budgets/suite.ts'),
  smtp: () => import('./smtp/suite.ts'),
};

const USAGE = `Usage: npm run bench -- [SUITE ...] [--json]

Runs the named suites, or all, and prints tables; with --json only lines of JSON:
{suite, case, subject, value, unit, limitRatio?}. The suites: ${Object.keys(suites).join(', ')}.`;

await runCommand(async () => {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = readArguments(USAGE, options, Infinity);
  const unknown = positionals.filter((name) => !(name in suites));
  if (unknown.length > 0) {
    throw new UsageError(
      `No suite named ${unknown.join(', ')}; there are: ${Object.keys(suites).join(', ')}.`,
    );
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
});
// Suites start workers and servers of other people's; what they left open must not hold the exit.
process.exit();
