import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainConnectService } from '#shared/core/domain-connect/service.ts';
import type { TableName } from '#shared/runtime/tables.ts';
import { CommandError } from './command.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The settings that operators' commands need, as infra/bin/settings.ts prints them. */
export interface Settings {
  readonly name: string;
  /** The names of the tables that the functions use. */
  readonly tables: Readonly<Record<TableName, string>>;
  readonly deployment: Deployment;
  readonly domainConnect: DomainConnectService | null;
  readonly domainConnectKeyAlias: string;
}

/**
 * Reads the settings by the code that `cdk deploy` checks them with.
 *
 * @param configFile default: what `cdk deploy` would take
 * @throws CommandError
 */
export function readSettings(configFile?: string): Settings {
  try {
    const text = execFileSync(process.execPath, [join(root, 'infra/bin/settings.ts')], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(configFile && { SENDER_DOMAINS_CONFIG: configFile }) },
    });
    return JSON.parse(text) as Settings;
  } catch (error) {
    throw new CommandError((error as { stderr: string }).stderr, { cause: error });
  }
}

/**
 * Finds the tables of a deployment: those that its configuration names, as after a restore.
 *
 * @param name the deployment's; where the configuration is another's, the tables are named after it
 * @throws CommandError
 */
export function tablesOfDeployment(
  name: string,
  configFile?: string,
): Readonly<Record<TableName, string>> {
  const settings = readSettings(configFile);
  if (settings.name === name) return settings.tables;
  const renamed = Object.entries(settings.tables).map(
    ([table, own]) => [table, own.replace(`${settings.name}-`, `${name}-`)] as const,
  );
  return Object.fromEntries(renamed) as Record<TableName, string>;
}
