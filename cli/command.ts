import { resolve } from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/**
 * Thrown where a command cannot do what the operator asked for; the message is for the operator.
 */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
}

/** The command line is wrong; the message says how. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
}

/** The exit status of a command whose command line is wrong. */
const WRONG_USAGE = 2;

/** The option that names the folder of a local run. */
export const stateOption = { state: { type: 'string' } } as const;

const parse = <const Options extends ParseArgsOptionsConfig>(options: Options) =>
  parseArgs({ options, allowPositionals: true });
type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parse<Options>>;

/**
 * Reads the command line of an npm script. With `--help` it prints the usage and ends the process.
 *
 * @param usage its first line: `Usage: npm run tenant -- COMMAND [--aws]`
 * @param most how many arguments the command takes beside its options
 * @throws UsageError in one sentence, on an option or argument that the command does not have
 */
export function readArguments<const Options extends ParseArgsOptionsConfig>(
  usage: string,
  options: Options,
  most = 0,
): Parsed<Options> {
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    console.log(usage);
    process.exit(0);
  }
  const [, script = ''] = /^Usage: (npm (?:run )?\S+)/.exec(usage) ?? [];
  const wrong = (what: string, cause?: unknown): never => {
    throw new UsageError(`${what}; ${script} -- --help lists what there is.`, { cause });
  };
  try {
    const parsed = parse(options);
    const further = parsed.positionals[most];
    if (further !== undefined) wrong(`There is no place for the argument '${further}'`);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const [what = ''] = (error as Error).message.split(/\.(?:\s|$)/);
    return wrong(what, error);
  }
}

/**
 * Resolves a path that an operator typed. npm runs scripts in the package's folder, and says in
 * INIT_CWD where it was called.
 */
export const folderOf = (path: string): string => resolve(shellFolder(), path);
export const shellFolder = (): string => process.env['INIT_CWD'] ?? process.cwd();

/** Runs a command; what it throws is printed in words, and sets the exit status. */
export async function runCommand(
  main: () => Promise<void> | void,
  wordsOf: (error: unknown) => unknown = wordsOfError,
): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.exitCode = error instanceof UsageError ? WRONG_USAGE : 1;
    console.error(wordsOf(error));
  }
}

const wordsOfError = (error: unknown): unknown =>
  error instanceof CommandError ? error.message : error;
