import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsLeftovers } from '#shared/adapters/aws/leftovers.ts';
import { findLeftovers } from '#shared/app/adopt/find-leftovers.ts';
import { type Adoption, planAdoption } from '#shared/app/adopt/plan-adoption.ts';
import { filesOf } from '#shared/app/adopt/script.ts';
import { CommandError, folderOf, readArguments } from '../command.ts';
import { localRun, type Where } from '../connection.ts';
import { synthesizeTemplates } from './templates.ts';
import { print, targetOf, targetOptions, targetUsage } from './targets.ts';

const usage = `Usage: npm run ops -- adopt [--out DIR] [--take NAME ...] [--aws] [--state DIR] [--json]

Brings what a deleted deployment left (tables, keys, hosted zones, buckets, users) under new stacks,
before anything is deployed. It reads the account, changes nothing, and writes what does it:

  DIR/adopt.sh               imports, stack by stack, then deploys; read it, then run it
  DIR/<stack>.template.json  what CloudFormation imports, and
  DIR/<stack>.resources.json the names and ids that it imports
  DIR/<stack>.<zone>.json    records that CloudFormation cannot import, and makes again

Never let a new wrapping key be made: it opens no private key that the old one wrapped.

  --out DIR    default: adopt
  --take NAME  the one to take where several were found, such as a bucket's name; can be given again

Of a local run it shows what would be found had it been deleted.

${targetUsage}`;

/**
 * Plans the adoption of what was left.
 *
 * @throws CommandError where the service is deployed, which leaves nothing to adopt
 */
export async function adopt(where: Where = {}, taken: readonly string[] = []): Promise<Adoption> {
  const local = localRun(where);
  const { settings, client } = targetOf(where);
  const account = awsLeftovers(client);
  const signer = `${settings.name}-signer`;
  // The local run is always deployed while it can be asked.
  if (local === undefined && (await account.hasFunction(signer))) {
    throw new CommandError(
      `${settings.name} is deployed in ${client.region}: the function ${signer} is there. Adopt what is left once its stacks are deleted.`,
    );
  }
  const stacks = synthesizeTemplates(local?.configFile);
  return planAdoption(await findLeftovers(stacks, account), taken);
}

/**
 * Writes the files of an adoption.
 *
 * @throws CommandError where something has to be decided or done before
 */
export function writeAdoption(adoption: Adoption, folder: string, region: string): void {
  if (adoption.problems.length > 0) throw new CommandError(adoption.problems.join('\n'));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(filesOf(adoption, region))) {
    writeFileSync(join(folder, name), text);
  }
}

function linesOf({ imports, recordSets, missing }: Adoption, folder: string): string[] {
  if (imports.length === 0) return ['Nothing was left: npx cdk deploy --all makes everything.'];
  return [
    'The tables hold private keys that only the wrapping key they were wrapped with can open. It is imported with',
    'them; do not deploy before, and delete no key or alias.',
    '',
    ...imports.flatMap(({ stack, resources }) => [
      stack,
      ...resources.map(
        ({ ResourceType: type, ResourceIdentifier: identifier }) =>
          `  ${type.padEnd(27)} ${Object.values(identifier).join(' ')}`,
      ),
    ]),
    '',
    ...(recordSets.length === 0
      ? []
      : [
          'CloudFormation cannot import records; these are deleted and made again by the deployment that follows at once:',
          ...recordSets.map(({ recordSet }) => `  ${recordSet.Type.padEnd(4)} ${recordSet.Name}`),
          '',
        ]),
    ...(missing.length === 0
      ? []
      : ['Not found, and made by the deployment:', ...missing.map((one) => `  ${one}`), '']),
    `Read ${join(folder, 'adopt.sh')}, then run it: sh ${join(folder, 'adopt.sh')}`,
  ];
}

/** `npm run ops -- adopt`. */
export async function main(): Promise<void> {
  const { values } = readArguments(usage, {
    ...targetOptions,
    out: { type: 'string', default: 'adopt' },
    take: { type: 'string', multiple: true, default: [] },
  });
  const adoption = await adopt(values, values.take);
  const folder = folderOf(values.out);
  writeAdoption(adoption, folder, targetOf(values).client.region);
  print(adoption, values.json, (plan) => linesOf(plan, folder));
}
