import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { CommandError, endpointsFile, localRun, wordsOf } from './connection.ts';
import * as tenants from './tenants.ts';
import { type Issued, type TenantPorts } from './tenants.ts';

const usage = `Usage: npm run tenant -- COMMAND [--aws] [--table NAME]

  create NAME              a tenant, with an API key that is shown once
  list                     tenants and their keys
  key NAME-or-ID           a further key for a tenant
  revoke PREFIX-or-HASH    a key, at once and for good

The local run is used where there is one (.local/endpoints.json). With --aws, or without a local
run, the deployment of the AWS credentials and region in the environment is; --table or
TENANTS_TABLE names its table of tenants.`;

/** Where the tenants are. */
export interface Where {
  /** The deployment, though there is a local run. */
  readonly aws?: boolean | undefined;
  /** The deployment's table of tenants; default: TENANTS_TABLE. */
  readonly table?: string | undefined;
  /** What the local run wrote of itself; default: .local/endpoints.json. */
  readonly endpointsFile?: string | undefined;
}

/** `npm run tenant -- create`. @throws CommandError */
export const createTenant = (name: string, where: Where = {}): Promise<Issued> =>
  tenants.createTenant(name, connect(where));

/** `npm run tenant -- revoke`. @throws CommandError */
export async function revokeKey(given: string, where: Where = {}): Promise<void> {
  await tenants.revokeKey(given, connect(where));
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const [command, subject, ...rest] = positionals;
  const takesSubject = command === 'create' || command === 'key' || command === 'revoke';
  if (rest.length > 0 || takesSubject !== Boolean(subject)) throw new CommandError(usage);
  const name = subject as string;
  if (command === 'create') return printIssued(await createTenant(name, values));
  if (command === 'key') return printIssued(await tenants.issueKey(name, connect(values)));
  if (command === 'list') return printList(await connect(values).tenants.list());
  if (command !== 'revoke') throw new CommandError(usage);
  const { tenant, revoked } = await tenants.revokeKey(name, connect(values));
  return console.log(`Revoked ${revoked.prefix}... of ${tenant.name} (${tenant.id}).`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { aws: { type: 'boolean', default: false }, table: { type: 'string' } },
    });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n\n${usage}`);
  }
}

function connect(where: Where): TenantPorts {
  return {
    tenants: openStore(where),
    clock: { now: () => new Date() },
    random: { bytes: (size) => randomBytes(size) },
  };
}

function openStore({
  aws = false,
  table,
  endpointsFile: file = endpointsFile,
}: Where): TenantStore {
  if (!aws && existsSync(file)) {
    const { client, tenantsTable } = localRun(file);
    return dynamoTenantStore(documentClient(client), tenantsTable);
  }
  const name = table ?? process.env['TENANTS_TABLE'];
  if (name === undefined) {
    throw new CommandError(
      `${aws ? '' : 'There is no local run, so this is for AWS: '}name the table of tenants with --table or TENANTS_TABLE.`,
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

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    process.exitCode = 1;
    console.error(wordsOf(error));
  }
}
