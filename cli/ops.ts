import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CommandError, runCommand, UsageError } from './command.ts';
import { wordsOf } from './connection.ts';

interface Command {
  readonly says: string;
  /** Loads it from its file in cli/ops. */
  readonly load?: () => Promise<{ main: () => Promise<void> }>;
  /** Its program in cli, which is a command of its own too. */
  readonly program?: string;
}

const commands: Readonly<Record<string, Command>> = {
  doctor: { says: 'what would stop a deployment, and what to do about it', program: 'doctor.ts' },
  'live-check': { says: 'what only a live account can prove', program: 'live-check.ts' },
  'dead-letters': {
    says: 'messages that wait for people: list, show, redrive',
    load: () => import('./ops/dead-letters.ts'),
  },
  domains: {
    says: 'whose a domain is, and whether Route 53 has its records',
    load: () => import('./ops/domains.ts'),
  },
  messages: {
    says: "a tenant's mails: show, find, redrive",
    load: () => import('./ops/messages.ts'),
  },
  suppressions: {
    says: "the addresses that a tenant's mail is not sent to",
    load: () => import('./ops/suppressions.ts'),
  },
  invoke: {
    says: 'calls a function as its schedule does',
    load: () => import('./ops/invoke.ts'),
  },
  tenants: {
    says: 'create, list, key, revoke, limits (budgets), reputation, suspend, resume, close',
    program: 'tenant.ts',
  },
  rotation: { says: 'status, halt, resume, emergency, step-back', program: 'rotation.ts' },
  identities: { says: 'SES identities of others: list, adopt, release', program: 'identity.ts' },
  platforms: { says: 'systems that make tenants', program: 'platform.ts' },
  restore: { says: 'tables as they were at a time, under new names', program: 'restore.ts' },
  adopt: {
    says: 'brings what a deleted deployment left under new stacks',
    load: () => import('./ops/adopt.ts'),
  },
  audit: {
    says: 'verifies the audit log of a tenant, or a copy of one',
    load: () => import('./ops/audit.ts'),
  },
  migrate: {
    says: 'moves an account of SendGrid, Mailgun, Postmark or SES in, from its exports',
    load: () => import('./ops/migrate.ts'),
  },
  cost: { says: "a month's bill", program: 'cost.ts' },
};

const usage = `Usage: npm run ops -- COMMAND ...

${Object.entries(commands)
  .map(([name, { says }]) => `  ${name.padEnd(14)} ${says}`)
  .join('\n')}

npm run ops -- COMMAND --help says what a command takes. Those that read take --json.`;

async function main(): Promise<void> {
  const [name = '', ...others] = process.argv.slice(2);
  if (name === '--help' || name === '-h') return console.log(usage);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    if (name.startsWith('-')) {
      throw new UsageError(`Unknown option '${name}'; npm run ops -- --help lists what there is.`);
    }
    throw new CommandError(usage);
  }
  if (command.program !== undefined) return runProgram(command.program, others);
  // Commands read their own arguments, which begin after their name; migrate reads its own name too.
  if (name !== 'migrate') process.argv.splice(2, 1);
  await (await command.load?.())?.main();
}

/** Runs a command that is one of its own too, in its own process. */
async function runProgram(program: string, given: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), ...given], {
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}

if (import.meta.main) await runCommand(main, wordsOf);
