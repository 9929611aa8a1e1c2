import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readsOnly } from '#shared/adapters/aws/audit-trail.ts';
import { dynamoAuditLog } from '#shared/adapters/aws/audit-log.ts';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import {
  revocationLedgerClient,
  s3RevocationLedger,
} from '#shared/adapters/aws/revocation-ledger.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import { dynamoMemberships } from '#shared/adapters/aws/memberships.ts';
import { dynamoPlatformStore } from '#shared/adapters/aws/platform-store.ts';
import { dynamoSuppressionStore } from '#shared/adapters/aws/suppression-store.ts';
import { dynamoTableCopies, messagesSince } from '#shared/adapters/aws/table-copies.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import type { RevocationLedger } from '#shared/app/ports/revocation-ledger.ts';
import { CannotRestore } from '#shared/app/ports/table-copies.ts';
import { foresee, type Foreseen } from '#shared/app/restore/foresee.ts';
import { type InUse, keepDecisions, type Restored } from '#shared/app/restore/keep-decisions.ts';
import { type OtherTables, restoreTables } from '#shared/app/restore/restore-tables.ts';
import { type TableName, tables as shapes } from '#shared/runtime/tables.ts';
import {
  CommandError,
  folderOf,
  readArguments,
  runCommand,
  stateOption,
  UsageError,
} from './command.ts';
import { localRun, wordsOf, type Where } from './connection.ts';
import { operatorTrail } from './operator-trail.ts';
import { readSettings } from './settings.ts';

const usage = `Usage: npm run restore -- --to TIME [--check] [--table NAME ...] [--out FILE] [--state DIR] [--aws]

Makes tables as they were at a time, under new names, and prints what the configuration has to name.
The tables that are in use stay as they are, and nothing uses the new ones until you deploy.

  --to TIME      the time, in UTC: 2026-11-30T12:00:00Z, within the last 35 days
  --check        changes nothing: prints what a restore of all tables to that time would bring back
                 or lose, by what has happened since
  --table NAME   this table only (claims, messages, revokedKeys ...), and others by giving it again;
                 without it all of them, which belong together
  --out FILE     writes what the configuration has to name into a file too, as JSON

Revoked keys stay revoked: every revocation is in a bucket that no restore reaches, and is added to
the new table. So are API keys that were revoked since, and tenants that were suspended or closed, users
that were removed and addresses that are not to be mailed stay so. It can be run again after a failure. The local run is used where there is one (in
.local, or in the folder that --state names); it restores to the last copy of its tables before that
time. With --aws, or without a local run, the deployment of the AWS credentials in the environment is.`;

interface Connected {
  readonly client: DynamoDBClient;
  readonly document: DynamoDBDocumentClient;
  readonly tables: Readonly<Record<TableName, string>>;
  readonly ledger: RevocationLedger;
}

/** @throws CommandError */
async function connect(where: Where): Promise<Connected> {
  const local = localRun(where);
  const { name, tables, deployment } = readSettings(local?.configFile);
  const config = { region: deployment.region, ...local?.client };
  const { Environment: environment } = await new LambdaClient(config).send(
    new GetFunctionConfigurationCommand({ FunctionName: `${name}-signer` }),
  );
  const bucket = environment?.Variables?.['REVOCATIONS_BUCKET'];
  if (bucket === undefined) {
    throw new CommandError(
      `The function ${name}-signer names no bucket of revocations; deploy this release first.`,
    );
  }
  const s3 = revocationLedgerClient({ ...config, ...(local && { forcePathStyle: true }) });
  return {
    client: new DynamoDBClient(config),
    document: documentClient(config),
    tables,
    ledger: s3RevocationLedger(s3, bucket),
  };
}

/** `npm run restore -- --check`. @throws CommandError */
export async function check(at: Date, where: Where = {}): Promise<Foreseen[]> {
  const { tables, ledger, document } = await connect(where);
  return foresee(at, {
    ...inUse(document, tables),
    ledger,
    claims: dynamoClaimStore(document, tables.claims, readsOnly),
    messagesSince: messagesSince(document, tables.messages),
  });
}

/** The tables in use, to be read. */
const inUse = (document: DynamoDBDocumentClient, tables: Connected['tables']): InUse => ({
  now: () => new Date(),
  tenants: dynamoTenantStore(document, tables.tenants, readsOnly),
  platforms: dynamoPlatformStore(document, tables, readsOnly),
  memberships: dynamoMemberships(document, tables.users, readsOnly),
  suppressions: dynamoSuppressionStore(document, tables.suppressions, readsOnly),
  audit: dynamoAuditLog(document, tables),
});

/** The restored ones of them, and the audit log that belongs to them. */
function restoredOf(
  document: DynamoDBDocumentClient,
  others: OtherTables,
  tables: Connected['tables'],
): Restored {
  const { tenants, platforms, users, suppressions, audit } = others;
  const trail = operatorTrail(audit?.name ?? tables.audit);
  return {
    ...(tenants && { tenants: dynamoTenantStore(document, tenants.name, trail) }),
    ...(platforms && {
      platforms: dynamoPlatformStore(
        document,
        { ...tables, ...(tenants && { tenants: tenants.name }), platforms: platforms.name },
        trail,
      ),
    }),
    ...(users && { memberships: dynamoMemberships(document, users.name, trail) }),
    ...(suppressions && {
      suppressions: dynamoSuppressionStore(document, suppressions.name, trail),
    }),
  };
}

/** `npm run restore`. @throws CommandError */
export async function restore(
  at: Date,
  names: readonly TableName[],
  where: Where = {},
  log: (line: string) => void = () => {},
): Promise<OtherTables> {
  const { client, document, tables, ledger } = await connect(where);
  const sources = Object.fromEntries(names.map((name) => [name, tables[name]]));
  try {
    const others = await restoreTables(sources, at, {
      copies: dynamoTableCopies(client),
      ledger,
      revokedKeysIn: (table) => dynamoRevokedKeys(document, table),
      sleep,
      log,
    });
    await keepDecisions(at, inUse(document, tables), restoredOf(document, others, tables), log);
    return others;
  } catch (error) {
    if (!(error instanceof CannotRestore)) throw error;
    throw new CommandError(`${error.message} Nothing that is in use was changed.`, {
      cause: error,
    });
  }
}

const allTables = Object.keys(shapes) as TableName[];

function tablesOf(given: readonly string[] = allTables): TableName[] {
  const unknown = given.find((name) => !(allTables as string[]).includes(name));
  if (unknown === undefined) return given as TableName[];
  throw new UsageError(`There is no table "${unknown}"; the tables are ${allTables.join(', ')}.`);
}

function timeOf(given: string | undefined): Date {
  const at = new Date(given ?? '');
  if (given !== undefined && given.endsWith('Z') && !Number.isNaN(at.getTime())) return at;
  throw new UsageError('Give --to a time in UTC, such as 2026-11-30T12:00:00Z.');
}

function printForeseen(foreseen: readonly Foreseen[], at: Date): void {
  if (foreseen.length === 0) console.log(`Nothing has happened since ${at.toISOString()}.`);
  for (const { count, some, says } of foreseen) {
    const named =
      some.length === 0 ? '' : `: ${some.join(', ')}${count > some.length ? ' ...' : ''}`;
    console.log(`${count}${named}\n  ${says}\n`);
  }
}

async function main(): Promise<void> {
  const { values } = readArguments(usage, {
    ...stateOption,
    aws: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    to: { type: 'string' },
    table: { type: 'string', multiple: true },
    out: { type: 'string' },
  });
  const at = timeOf(values.to);
  if (values.check) return printForeseen(await check(at, values), at);
  const others = await restore(at, tablesOf(values.table), values, (line) => console.error(line));
  const text = JSON.stringify({ tables: others }, undefined, 2);
  if (values.out !== undefined) writeFileSync(folderOf(values.out), `${text}\n`);
  console.log(text);
  console.error(
    'Add this to the configuration, and deploy. Check first: npm run restore -- --check',
  );
}

if (import.meta.main) await runCommand(main, wordsOf);
