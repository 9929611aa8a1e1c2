/**
 * Prints, as JSON, the configuration that an operator's commands need: the name, the tables, the
 * deployment as the functions have it, and the Domain Connect settings. `cdk.json` in the current folder is read
 * as `cdk deploy` reads it.
 */
import { readFileSync } from 'node:fs';
import { ConfigError, readConfig } from '../config.ts';
import { domainConnectKeyAlias, tableNames } from '../names.ts';
import { deploymentJson } from '../settings.ts';

try {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as {
    context: Record<string, unknown>;
  };
  const config = readConfig((key) => context[key], process.env);
  const settings = {
    deployment: JSON.parse(deploymentJson(config)) as unknown,
    domainConnect: config.domainConnect ?? null,
    domainConnectKeyAlias: domainConnectKeyAlias(config),
    name: config.name,
    tables: tableNames(config),
  };
  process.stdout.write(JSON.stringify(settings));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
