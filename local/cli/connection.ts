import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the operator asked for cannot be done; the message is for them. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** What a local run started with `npm start` wrote of itself. */
export const endpointsFile = fileURLToPath(new URL('../../.local/endpoints.json', import.meta.url));

/** What the local run tells of its stand-ins. */
interface LocalAws {
  readonly endpoint: string;
  readonly region: string;
  readonly tables: { readonly tenants: string };
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** How clients reach the stand-ins of a local run, and where it keeps its tenants. */
export function localRun(file: string) {
  const { aws } = JSON.parse(readFileSync(file, 'utf8')) as { aws: LocalAws };
  const { endpoint, region, accessKeyId, secretAccessKey, tables } = aws;
  return {
    client: { endpoint, region, credentials: { accessKeyId, secretAccessKey } },
    tenantsTable: tables.tenants,
  };
}

/** What an operator is told of an error; the error itself where it is none that they can act on. */
export function wordsOf(error: unknown): unknown {
  if (error instanceof CommandError) return error.message;
  if ((error as { code?: unknown }).code === 'ECONNREFUSED') {
    return 'The local run does not answer; start it with: npm start (or say --aws for the deployment).';
  }
  const fromAws = error instanceof Error && '$metadata' in error;
  return fromAws ? `AWS answered ${error.name}: ${error.message}` : error;
}
