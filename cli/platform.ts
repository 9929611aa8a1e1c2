import { randomBytes } from 'node:crypto';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoOwnLimits } from '#shared/adapters/aws/own-limits.ts';
import { dynamoPlatformStore } from '#shared/adapters/aws/platform-store.ts';
import type { PlatformStore } from '#shared/app/ports/platform-store.ts';
import { budgetNames } from '#shared/core/model/budgets.ts';
import { CommandError, readArguments, runCommand, stateOption } from './command.ts';
import { operatorTrail } from './operator-trail.ts';
import { localRun, wordsOf, type Where as AnyWhere } from './connection.ts';
import { tablesOfDeployment } from './settings.ts';
import * as platforms from './platforms.ts';
import type { IssuedPlatformKey, PlatformPorts } from './platforms.ts';
import { changeOwnLimits, limitLines } from './tenant-limits.ts';

const usage = `Usage: npm run platform -- COMMAND [--state DIR] [--aws] [--name NAME]

  create NAME              a platform, with a key that is shown once: it makes tenants by the API, and
                           acts for those that it made
  list                     platforms and their keys
  key NAME-or-ID           a further key for a platform; it sees the same tenants
  revoke PREFIX-or-HASH    a key, at once and for good, with the tokens that it made
  limits NAME-or-ID [BUDGET=LIMIT ...]
                           limits of one platform in place of the deployment's; BUDGET=default takes
                           one back, and none shows them

The local run is used where there is one (in .local, or in the folder that --state names). With
--aws, or without a local run, the deployment of the AWS credentials and region in the environment
is; --name or DEPLOYMENT_NAME is its name.`;

/** The place of the platforms. */
export interface Where extends AnyWhere {
  /** The deployment's name; default: DEPLOYMENT_NAME. */
  readonly name?: string | undefined;
}

const options = {
  ...stateOption,
  aws: { type: 'boolean', default: false },
  name: { type: 'string' },
} as const;

/** `npm run platform -- create`. @throws CommandError */
export const createPlatform = (name: string, where: Where = {}): Promise<IssuedPlatformKey> =>
  platforms.createPlatform(name, connect(where));

/** `npm run platform -- revoke`. @throws CommandError */
export const revokePlatformKey = (given: string, where: Where = {}) =>
  platforms.revokePlatformKey(given, connect(where));

/** `npm run platform -- limits`. @throws CommandError */
export async function setPlatformLimits(
  nameOrId: string,
  changes: readonly string[],
  where: Where = {},
) {
  const { client, tables } = place(where);
  const platform = await platforms.platformOf(nameOrId, openStore(where));
  const trail = operatorTrail(tables.audit);
  const budgets = dynamoOwnLimits(documentClient(client), tables.budgets, trail);
  return { platform, own: await changeOwnLimits(platform.id, changes, budgets) };
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments(usage, options, 2 + budgetNames.length);
  const [command = '', subject, ...changes] = positionals;
  if (changes.length > 0 && command !== 'limits') throw new CommandError(usage);
  if (command === 'list' && subject === undefined) {
    return printList(await openStore(values).list());
  }
  if (subject === undefined) throw new CommandError(usage);
  switch (command) {
    case 'create':
      return printIssued(await createPlatform(subject, values));
    case 'key':
      return printIssued(await platforms.issuePlatformKey(subject, connect(values)));
    case 'revoke': {
      const { platform, revoked } = await revokePlatformKey(subject, values);
      return console.log(`Revoked ${revoked.prefix}... of ${platform.name} (${platform.id}).`);
    }
    case 'limits': {
      const { platform, own } = await setPlatformLimits(subject, changes, values);
      console.log(`Limits of ${platform.name} (${platform.id}):`);
      return limitLines(own).forEach((line) => console.log(line));
    }
    default:
      throw new CommandError(usage);
  }
}

function connect(where: Where): PlatformPorts {
  return {
    platforms: openStore(where),
    clock: { now: () => new Date() },
    random: { bytes: (size) => randomBytes(size) },
  };
}

function openStore(where: Where): PlatformStore {
  const { client, tables } = place(where);
  return dynamoPlatformStore(documentClient(client), tables, operatorTrail(tables.audit));
}

/** The tables of the local run, or of a deployment by its name. */
function place({ name = process.env['DEPLOYMENT_NAME'], ...where }: Where) {
  const local = localRun(where);
  if (local !== undefined) {
    const {
      client,
      tenantsTable: tenants,
      budgetsTable: budgets,
      platformsTable,
      webhooksTable: webhooks,
      auditTable: audit,
    } = local;
    return { client, tables: { platforms: platformsTable, tenants, webhooks, budgets, audit } };
  }
  if (name === undefined) {
    throw new CommandError('Name the deployment with --name or DEPLOYMENT_NAME.');
  }
  return { client: {}, tables: tablesOfDeployment(name) };
}

function printIssued({ platform, key }: IssuedPlatformKey): void {
  console.log(`Platform:     ${platform.name} (${platform.id})`);
  console.log(`Platform key: ${key}`);
  console.log('The key is shown only now.');
}

function printList(known: Awaited<ReturnType<PlatformStore['list']>>): void {
  if (known.length === 0) console.log('There are no platforms yet.');
  for (const { platform, keys } of known) {
    console.log(`${platform.id}  ${platform.name}  since ${platform.createdAt}`);
    for (const { prefix, hash, createdAt, revokedAt } of keys) {
      const state = revokedAt === undefined ? `since ${createdAt}` : `revoked ${revokedAt}`;
      console.log(`  ${prefix}...  ${state}  ${hash}`);
    }
  }
}

if (import.meta.main) await runCommand(main, wordsOf);
