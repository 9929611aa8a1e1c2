import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, readArguments, runCommand } from '../../cli/command.ts';
import { soak } from './soak.ts';

const USAGE = `Usage: npm run soak -- [--messages N] [--tenants N] [--rate 3%] [--kills N] [--seed N]

Runs the service on this machine while calls of AWS fail and the whole of it is killed, submits mail
meanwhile, and prints the proof: each accepted mail was sent once, refused with a reason, or counted
as unclear. By default 400 mails of 4 tenants, 3% of all calls, 2 kills. The long form:
--messages 20000 --tenants 20 --rate 5% --kills 10`;

const options = {
  messages: { type: 'string', default: '400' },
  tenants: { type: 'string', default: '4' },
  rate: { type: 'string', default: '3%' },
  kills: { type: 'string', default: '2' },
  seed: { type: 'string', default: '7' },
} as const;

/** @throws CommandError where it is no number */
function numberOf(name: string, value: string): number {
  if (/^\d{1,9}(?:\.\d+)?%?$/.test(value)) return Number.parseFloat(value);
  throw new CommandError(`--${name} is ${value}; give a number`);
}

async function main(): Promise<void> {
  const { values } = readArguments(USAGE, options);
  const given = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, numberOf(name, value)]),
  ) as Record<keyof typeof options, number>;
  const stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-soak-'));
  const started = performance.now();
  const { faults, violations, ...proof } = await soak({
    ...given,
    rate: given.rate / 100,
    changes: true,
    stateDir,
    log: (line) => console.log(line),
  });
  console.log({ seed: given.seed, ...proof, faults });
  console.log(`${Math.round((performance.now() - started) / 1_000)} s; state in ${stateDir}`);
  for (const violation of violations) console.error(`VIOLATION: ${violation}`);
  if (violations.length > 0) throw new CommandError('The proof failed.');
  await rm(stateDir, { recursive: true, force: true });
}

await runCommand(main);
