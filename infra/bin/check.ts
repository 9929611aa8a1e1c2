/**
 * Prints, as JSON, what the configuration alone shows to be wrong, and what the deployment would make
 * and need. `cdk.json` in the current folder is read as `cdk deploy` reads it.
 */
import { readFileSync } from 'node:fs';
import { examineConfig } from '../validation/examine-config.ts';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as {
  context: Record<string, unknown>;
};
process.stdout.write(JSON.stringify(await examineConfig(context, process.env)));
