import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoPublicationStore } from '#shared/adapters/aws/publication-store.ts';
import { dynamoRotationBacklog } from '#shared/adapters/aws/rotation-backlog.ts';
import { dynamoRotationRuns } from '#shared/adapters/aws/rotation-runs.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { WAVES, type Tally } from '#shared/core/model/rotation.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import { declareEmergency } from '#shared/app/rotation/operator/emergency.ts';
import { haltRun, resumeRun } from '#shared/app/rotation/operator/halt.ts';
import type { OperatorPorts } from '#shared/app/rotation/operator/ports.ts';
import { rotationStatus, type RotationStatus } from '#shared/app/rotation/operator/status.ts';
import { stepBackRun } from '#shared/app/rotation/operator/step-back.ts';
import { CommandError, readArguments, runCommand, stateOption } from './command.ts';
import { localRun, wordsOf, type Where as AnyWhere } from './connection.ts';
import { operatorTrail } from './operator-trail.ts';
import { tablesOfDeployment } from './settings.ts';

const usage = `Usage: npm run rotation -- COMMAND [--state DIR] [--aws] [--name DEPLOYMENT]

  status                           the run of the month, and what is left over with its reasons
  halt --reason TEXT               nothing of the run goes on
  resume                           it goes on; mail that failed until now halts it no more
  emergency --tenant ID            what revoking the keys that the tenant's domains sign with would
  emergency --all                  do, or those of all domains; with --yes, does it
  step-back --period YYYY-MM       which domains of that run would go back to their key before; with
                                   --yes, takes them back

The local run is used where there is one (in .local, or in the folder that --state names). With
--aws, or without a local run, the deployment of the AWS credentials and region in the environment
is; --name is its name where it is not sender-domains. emergency and step-back without --yes are a
dry run (--dry-run).`;

export interface Where extends AnyWhere {
  /** The deployment's name. */
  readonly name?: string | undefined;
}

/** The ports of the operator's commands, on the local run or on AWS. */
export async function connect({
  name = 'sender-domains',
  ...where
}: Where = {}): Promise<OperatorPorts> {
  const local = localRun(where);
  const config = local?.client ?? {};
  const tables = tablesOfDeployment(name, local?.configFile);
  const dynamo = documentClient(config);
  const sqs = sqsClient(config);
  const queue = await sqs.send(new GetQueueUrlCommand({ QueueName: `${name}-rotation` }));
  return {
    claims: dynamoClaimStore(dynamo, tables.claims, operatorTrail(tables.audit)),
    publications: dynamoPublicationStore(dynamo, tables.publications),
    runs: dynamoRotationRuns(dynamo, tables.rotations),
    backlog: dynamoRotationBacklog(dynamo, tables.rotations),
    rotationQueue: sqsQueue<RotationRequest>(sqs, queue.QueueUrl ?? ''),
    clock: { now: () => new Date() },
  };
}

const options = {
  ...stateOption,
  aws: { type: 'boolean', default: false },
  name: { type: 'string' },
  tenant: { type: 'string' },
  all: { type: 'boolean', default: false },
  period: { type: 'string' },
  reason: { type: 'string' },
  yes: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof readArguments<typeof options>>['values'];

/** @returns the lines to print */
export async function run(
  command: string,
  values: Partial<Values>,
  ports: OperatorPorts,
): Promise<string[]> {
  const dryRun = values['dry-run'] === true || values.yes !== true;
  switch (command) {
    case 'status':
      return statusLines(await rotationStatus(ports));
    case 'halt': {
      if (!values.reason) throw new CommandError('Say why with --reason.');
      const halted = await haltRun(values.reason, ports);
      return [halted ? `The run of ${halted.period} is halted.` : 'No run is under way.'];
    }
    case 'resume': {
      const resumed = await resumeRun(ports);
      return [resumed ? `The run of ${resumed.period} goes on.` : 'No run is halted.'];
    }
    case 'emergency': {
      if ((values.tenant === undefined) === (values.all !== true)) {
        throw new CommandError('Give either --tenant ID or --all.');
      }
      const tenant = values.all === true ? 'all' : (values.tenant as TenantId);
      return emergencyLines(await declareEmergency(tenant, { dryRun }, ports), dryRun);
    }
    case 'step-back': {
      if (!/^\d{4}-\d{2}$/.test(values.period ?? '')) {
        throw new CommandError('Give the run with --period YYYY-MM.');
      }
      const domains = await stepBackRun(values.period as string, { dryRun }, ports);
      return [
        dryRun
          ? `${domains} domains sign with the key that the run of ${values.period} promoted. Take them back with --yes.`
          : `${domains} domains are queued to go back to a key that is intact.`,
      ];
    }
    default:
      throw new CommandError(usage);
  }
}

function emergencyLines(
  { domains, switching, pausing }: Awaited<ReturnType<typeof declareEmergency>>,
  dryRun: boolean,
): string[] {
  return [
    `Domains whose current key ${dryRun ? 'would be' : 'is being'} revoked: ${domains}`,
    `  with another key in our DNS, which then signs if theirs shows it: ${switching}`,
    `  without: their mail waits until a key is fit: ${pausing}`,
    dryRun
      ? 'Nothing was done. A revoked key never signs again; to do it, say --yes.'
      : 'They are queued; follow it in the log of rotation-worker and with: status',
  ];
}

const sorted = (tally: Tally) => Object.entries(tally).toSorted(([a], [b]) => a.localeCompare(b));

function statusLines({ run, progress, backlog }: RotationStatus): string[] {
  const lines: string[] = [];
  if (run === undefined || progress === undefined) lines.push('No run yet.');
  else {
    const state = run.finishedAt
      ? `finished ${run.finishedAt}`
      : run.halted
        ? `HALTED ${run.halted.at}: ${run.halted.reason}`
        : `wave ${run.wave + 1} of ${WAVES.length} ("${WAVES[run.wave]}"), ${run.stage} since ${run.stageSince}`;
    lines.push(
      `Run ${run.period}, started ${run.startedAt}: ${state}`,
      `  planned: ${run.planned}`,
    );
    for (const [what, count] of sorted(progress.tally)) {
      lines.push(`  ${what}: ${count}`);
    }
    for (const [what, count] of sorted(progress.later)) {
      lines.push(`  later, by the daily retry, ${what}: ${count}`);
    }
    for (const [wave, { verified, unverified }] of progress.waves.entries()) {
      if (verified + unverified === 0) continue;
      lines.push(
        `  sampled mail of wave "${WAVES[wave]}": ${verified} verified, ${unverified} did not`,
      );
    }
  }
  lines.push(backlog.length === 0 ? 'Nothing is left over.' : 'Left over:');
  for (const { kind, reason, domains, examples } of backlog) {
    lines.push(`  ${kind}, ${reason}: ${domains}`);
    for (const item of examples)
      lines.push(`    ${item.domain} since ${item.since}: ${item.detail}`);
  }
  return lines;
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments(usage, options, 1);
  const [command] = positionals;
  if (command === undefined) throw new CommandError(usage);
  const lines = await run(command, values, await connect(values));
  console.log(lines.join('\n'));
}

if (import.meta.main) {
  await runCommand(main, (error) =>
    error instanceof Conflict ? 'The planner is just at the run; try again.' : wordsOf(error),
  );
}
