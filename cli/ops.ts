import { CommandError, runCommand, UsageError } from './command.ts';
import { wordsOf } from './connection.ts';

/** The commands, each in a file of its own in cli/ops. */
const commands: Readonly<Record<string, () => Promise<{ main: () => Promise<void> }>>> = {
  migrate: () => import('./ops/migrate.ts'),
};

const usage = `Usage: npm run ops -- COMMAND ...

  migrate    moves an account of SendGrid, Mailgun, Postmark or SES in, from its exports

npm run ops -- COMMAND --help says what a command takes.`;

async function main(): Promise<void> {
  const [name = ''] = process.argv.slice(2);
  if (name === '--help' || name === '-h') return console.log(usage);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    if (name.startsWith('-')) {
      throw new UsageError(`Unknown option '${name}'; npm run ops -- --help lists what there is.`);
    }
    throw new CommandError(usage);
  }
  await (await load()).main();
}

if (import.meta.main) await runCommand(main, wordsOf);
