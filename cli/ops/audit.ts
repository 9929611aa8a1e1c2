import { readFileSync } from 'node:fs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { auditAnchorsClient, s3AuditAnchors } from '#shared/adapters/aws/audit-anchors.ts';
import { dynamoAuditLog } from '#shared/adapters/aws/audit-log.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { sealEntries } from '#shared/app/audit/seal-entries.ts';
import { verifyOwner, type VerifyPorts } from '#shared/app/audit/verify-owner.ts';
import type { AuditLog } from '#shared/app/ports/audit-log.ts';
import { readCopy } from '#shared/core/audit/read-copy.ts';
import type { AuditOwner, StoredEntry } from '#shared/core/audit/entry.ts';
import { verifyLog, type Verified } from '#shared/core/audit/verify.ts';
import { DAY_MS, later } from '#shared/core/time.ts';
import { CommandError, folderOf, readArguments, stateOption } from '../command.ts';
import { localRun, type Where } from '../connection.ts';
import { readSettings } from '../settings.ts';

const usage = `Usage: npm run ops -- audit COMMAND [TENANT] [--file FILE] [--state DIR] [--aws]

  verify TENANT       compares the audit log of a tenant or platform, by its id, with its chain and with
                      the heads that were written where nobody can change them
  verify --file FILE  the same of a copy: the lines of GET /v1/audit?format=jsonl, all pages
  seal TENANT         chains entries that are in no chain

The exit status is 1 where anything is not as it was. The local run is used where there is one (in
.local, or in the folder that --state names). With --aws, or without a local run, the deployment of
the AWS credentials in the environment is.`;

const options = {
  ...stateOption,
  aws: { type: 'boolean', default: false },
  file: { type: 'string' },
} as const;

/** `npm run ops -- audit verify`. @throws CommandError */
export const verifyStored = async (owner: AuditOwner, where: Where = {}): Promise<Verified> =>
  verifyOwner(owner, await connect(where), new Date());

/** `npm run ops -- audit verify --file`. @throws CommandError */
export function verifyCopy(file: string): Verified {
  const text = readFileSync(folderOf(file), 'utf8');
  try {
    return verifyLog({ ...readCopy(text), anchors: [], now: new Date().toISOString() });
  } catch (error) {
    throw error instanceof TypeError ? new CommandError(`${error.message}.`) : error;
  }
}

/** `npm run ops -- audit seal`. Returns how many there were. @throws CommandError */
export async function sealLeft(owner: AuditOwner, where: Where = {}): Promise<number> {
  const { log } = await connect(where);
  const sealed = new Set<string>();
  for await (const { entry } of log.seals(owner)) sealed.add(entry);
  const left: StoredEntry[] = [];
  const everything = { from: '', to: later(new Date(), DAY_MS) };
  for await (const one of log.entries(owner, everything)) if (!sealed.has(one.key)) left.push(one);
  await sealEntries(owner, left, { log });
  return left.length;
}

export async function main(): Promise<void> {
  const { values, positionals } = readArguments(usage, options, 2);
  const [command, owner] = positionals;
  const isCopy = values.file !== undefined;
  if (command === 'seal' && owner !== undefined && !isCopy) {
    return console.log(`Sealed: ${await sealLeft(owner as AuditOwner, values)}`);
  }
  if (command !== 'verify' || isCopy === (owner !== undefined)) throw new CommandError(usage);
  const verified = isCopy
    ? verifyCopy(values.file as string)
    : await verifyStored(owner as AuditOwner, values);
  print(verified);
}

function print({ from, to, intact, findings }: Verified): void {
  for (const { kind, detail } of findings) console.log(`${kind}: ${detail}`);
  const range = to < from ? 'The chain has no entries.' : `Entries ${from} to ${to} of the chain.`;
  console.log(`${range} Intact: ${intact}. Findings: ${findings.length}.`);
  if (findings.length > 0) process.exitCode = 1;
}

async function connect(where: Where): Promise<VerifyPorts & { readonly log: AuditLog }> {
  const local = localRun(where);
  const { name, tables, deployment } = readSettings(local?.configFile);
  const config = { region: deployment.region, ...local?.client };
  const { Environment: environment } = await new LambdaClient(config).send(
    new GetFunctionConfigurationCommand({ FunctionName: `${name}-audit-anchor` }),
  );
  const bucket = environment?.Variables?.['AUDIT_BUCKET'];
  if (bucket === undefined) {
    throw new CommandError(
      `The function ${name}-audit-anchor names no bucket; deploy this release first.`,
    );
  }
  const s3 = auditAnchorsClient({ ...config, ...(local && { forcePathStyle: true }) });
  return {
    log: dynamoAuditLog(documentClient(config), tables),
    anchors: s3AuditAnchors(s3, bucket),
  };
}
