import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, folderOf } from './command.ts';
import { endpointsFileOf, type Endpoints } from './service/endpoints.ts';

/** The deployment that a command is for. */
export interface Where {
  /** The deployment on AWS, though there is a local run. */
  readonly aws?: boolean | undefined;
  /** The folder of a local run; default: `.local`, where there is one. */
  readonly state?: string | undefined;
}

/** The folder of the local run that `npm start` starts where no other is named. */
export const defaultStateDir = fileURLToPath(new URL('../.local', import.meta.url));

/** The client settings for the stand-ins of a local run, and the place of its tenants. */
export interface Connection {
  readonly stateDir: string;
  /** The configuration that it was synthesized with. */
  readonly configFile: string;
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly tenantsTable: string;
  readonly budgetsTable: string;
  readonly platformsTable: string;
  readonly webhooksTable: string;
  readonly auditTable: string;
}

/**
 * Finds the local run that a command is for.
 *
 * @returns undefined where the command is for the deployment on AWS
 * @throws CommandError where a folder is named that has no local run
 */
export function localRun({ aws = false, state }: Where): Connection | undefined {
  if (aws && state !== undefined) {
    throw new CommandError('Give either --aws or --state: they name different deployments.');
  }
  const stateDir = state === undefined ? defaultStateDir : folderOf(state);
  const file = endpointsFileOf(stateDir);
  if (aws || !existsSync(file)) {
    if (state === undefined) return undefined;
    throw new CommandError(
      `There is no local run in ${stateDir}; start one with: npm start -- --state ${state}`,
    );
  }
  const { endpoint, region, accessKeyId, secretAccessKey, tables } = (
    JSON.parse(readFileSync(file, 'utf8')) as Endpoints
  ).aws;
  return {
    stateDir,
    configFile: join(stateDir, 'config.json'),
    client: { endpoint, region, credentials: { accessKeyId, secretAccessKey } },
    tenantsTable: tables['tenants'] as string,
    budgetsTable: tables['budgets'] as string,
    platformsTable: tables['platforms'] as string,
    webhooksTable: tables['webhooks'] as string,
    auditTable: tables['audit'] as string,
  };
}

/**
 * Returns an error's message for the operator, or the error itself where the operator cannot act on
 * it.
 */
export function wordsOf(error: unknown): unknown {
  if (error instanceof CommandError) return error.message;
  if ((error as { code?: unknown }).code === 'ECONNREFUSED') {
    return 'The local run does not answer; start it with: npm start (or say --aws for the deployment).';
  }
  const fromAws = error instanceof Error && '$metadata' in error;
  return fromAws ? `AWS answered ${error.name}: ${error.message}` : error;
}
