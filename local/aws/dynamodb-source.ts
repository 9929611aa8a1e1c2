import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** The source of DynamoDB: a program to start, or a server of the user's own. */
export type DynamoDbSource = { readonly binary: string } | { readonly endpoint: string };

/** The environment of the search; default: this process's own. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** There is no DynamoDB for this machine; the message says in one sentence how to get one. */
export class NoDynamoDbError extends Error {
  override readonly name = 'NoDynamoDbError';

  constructor({ platform, arch }: Machine) {
    super(
      `There is no DynamoDB for this machine (${platform}-${arch}): install dynoxide (brew install nubo-db/tap/dynoxide, or a release from https://github.com/nubo-db/dynoxide on the PATH), or start DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB to its address.`,
    );
  }
}

/**
 * Finds a DynamoDB: the npm package `@dynoxide/<platform>-<arch>`, else `dynoxide` on the PATH, else
 * the endpoint that `AWS_ENDPOINT_URL_DYNAMODB` names.
 *
 * @throws NoDynamoDbError
 */
export function findDynamoDb(machine: Machine = process): DynamoDbSource {
  const binary = packagedBinary(machine) ?? binaryOnPath(machine);
  if (binary !== undefined) return { binary };
  const endpoint = machine.env['AWS_ENDPOINT_URL_DYNAMODB'];
  if (endpoint) return { endpoint };
  throw new NoDynamoDbError(machine);
}

function packagedBinary({ platform, arch }: Machine): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return join(require.resolve(`@dynoxide/${platform}-${arch}/package.json`), '..', 'dynoxide');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

function binaryOnPath({ env }: Machine): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'dynoxide'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us to run: the search goes on.
    return false;
  }
}
