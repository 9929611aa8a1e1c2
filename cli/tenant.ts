import { randomBytes } from 'node:crypto';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { CommandError, readArguments, runCommand, stateOption } from './command.ts';
import { localRun, wordsOf, type Where as AnyWhere } from './connection.ts';
import * as tenants from './tenants.ts';
import { type Issued, type TenantPorts } from './tenants.ts';

const usage = `Usage: npm run tenant -- COMMAND [--state DIR] [--aws] [--table NAME]

  create NAME              a tenant, with an API key that is shown once
  list                     tenants and their keys
  key NAME-or-ID           a further key for a tenant
  revoke PREFIX-or-HASH    a key, at once and for good

The local run is used where there is one (in .local, or in the folder that --state names). With
--aws, or without a local run, the deployment of the AWS credentials and region in the environment
is; --table or TENANTS_TABLE names its table of tenants.`;

/** The place of the tenants. */
export interface Where extends AnyWhere {
  /** The deployment's table of tenants; default: TENANTS_TABLE. */
  readonly table?: string | undefined;
}

/** `npm run tenant -- create`. @throws CommandError */
export const createTenant = (name: string, where: Where = {}): Promise<Issued> =>
  tenants.createTenant(name, connect(where));

/** `npm run tenant -- revoke`. @throws CommandError */
export async function revokeApiKey(given: string, where: Where = {}): Promise<void> {
  await tenants.revokeApiKey(given, connect(where));
}

const options = {
  ...stateOption,
  aws: { type: 'boolean', default: false },
  table: { type: 'string' },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = readArguments(usage, options, 2);
  const [command, subject] = positionals;
  const takesSubject = command === 'create' || command === 'key' || command === 'revoke';
  if (takesSubject !== Boolean(subject)) throw new CommandError(usage);
  const name = subject as string;
  if (command === 'create') return printIssued(await createTenant(name, values));
  if (command === 'key') return printIssued(await tenants.issueKey(name, connect(values)));
  if (command === 'list') return printList(await connect(values).tenants.list());
  if (command !== 'revoke') throw new CommandError(usage);
  const { tenant, revoked } = await tenants.revokeApiKey(name, connect(values));
  return console.log(`Revoked ${revoked.prefix}... of ${tenant.name} (${tenant.id}).`);
}

function connect(where: Where): TenantPorts {
  return {
    tenants: openStore(where),
    clock: { now: () => new Date() },
    random: { bytes: (size) => randomBytes(size) },
  };
}

function openStore({ table, ...where }: Where): TenantStore {
  const local = localRun(where);
  if (local !== undefined) {
    return dynamoTenantStore(documentClient(local.client), local.tenantsTable);
  }
  const name = table ?? process.env['TENANTS_TABLE'];
  if (name === undefined) {
    throw new CommandError(
      `${where.aws === true ? '' : 'There is no local run, so this is for AWS: '}name the table of tenants with --table or TENANTS_TABLE.`,
    );
  }
  return dynamoTenantStore(documentClient(), name);
}

function printIssued({ tenant, key }: Issued): void {
  console.log(`Tenant:  ${tenant.name} (${tenant.id})`);
  console.log(`API key: ${key}`);
  console.log('The key is shown only now.');
}

function printList(known: Awaited<ReturnType<TenantStore['list']>>): void {
  if (known.length === 0) console.log('There are no tenants yet.');
  for (const { tenant, keys } of known) {
    console.log(`${tenant.id}  ${tenant.name}  since ${tenant.createdAt}`);
    for (const { prefix, hash, scopes, createdAt, revokedAt } of keys) {
      const state = revokedAt === undefined ? `since ${createdAt}` : `revoked ${revokedAt}`;
      console.log(`  ${prefix}...  ${scopes.join(' ')}  ${state}  ${hash}`);
    }
  }
}

if (import.meta.main) await runCommand(main, wordsOf);
