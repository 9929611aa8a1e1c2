import { randomBytes } from 'node:crypto';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { AuditTrail } from '#shared/adapters/aws/audit-trail.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoOwnLimits } from '#shared/adapters/aws/own-limits.ts';
import { dynamoHeldMessages } from '#shared/adapters/aws/held-messages.ts';
import { sqsClient, sqsQueue } from '#shared/adapters/aws/sqs.ts';
import type { OutboundRequest } from '#shared/app/ports/queues.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import { dynamoReputationStore } from '#shared/adapters/aws/reputation-store.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import { budgetNames } from '#shared/core/model/budgets.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { CommandError, readArguments, runCommand, stateOption } from './command.ts';
import { localRun, wordsOf, type Where as AnyWhere } from './connection.ts';
import { operatorTrail } from './operator-trail.ts';
import { tablesOfDeployment } from './settings.ts';
import { changeLimits, limitLines, type LimitPorts } from './tenant-limits.ts';
import {
  reputationLine,
  reputationOf,
  type Decision,
  type ReputationPorts,
} from './tenant-reputation.ts';
import * as states from './tenant-state.ts';
import type { Decided, StatePorts } from './tenant-state.ts';
import * as tenants from './tenants.ts';
import { type Issued, type TenantPorts } from './tenants.ts';

const usage = `Usage: npm run tenant -- COMMAND [--state DIR] [--aws] [--table NAME] [--reason TEXT]

  create NAME              a tenant, with an API key that is shown once
  list                     tenants and their keys
  key NAME-or-ID           a further key for a tenant
  revoke PREFIX-or-HASH    a key, at once and for good
  limits NAME-or-ID [BUDGET=LIMIT ...]
                           limits of one tenant in place of the deployment's; BUDGET=default takes
                           one back, and none shows them
  reputation NAME-or-ID [DOMAIN] [--reset | --exempt]
                           how much of its mail, or of that of the domain, bounces or is complained
                           about; --reset starts counting again and ends a pause, --exempt too, and
                           its rates have no effect from then on
  suspend NAME-or-ID --reason TEXT
                           within a second nothing of it is signed; queued mail is held, and its keys
                           and users may only read
  resume NAME-or-ID [--refuse-held]
                           it is active again, and what was held is sent, or refused
  close NAME-or-ID --reason TEXT
                           its keys and users may do nothing, and what waits is refused

The local run is used where there is one (in .local, or in the folder that --state names). With
--aws, or without a local run, the deployment of the AWS credentials and region in the environment
is; --table or TENANTS_TABLE names its table of tenants, --budgets-table or BUDGETS_TABLE that of
limits.`;

/** The place of the tenants. */
export interface Where extends AnyWhere {
  /** The deployment's table of tenants; default: TENANTS_TABLE. */
  readonly table?: string | undefined;
  /** The deployment's table of limits; default: BUDGETS_TABLE. */
  readonly 'budgets-table'?: string | undefined;
}

/** `npm run tenant -- create`. @throws CommandError */
export const createTenant = (name: string, where: Where = {}): Promise<Issued> =>
  tenants.createTenant(name, connect(where));

/** `npm run tenant -- revoke`. @throws CommandError */
export async function revokeApiKey(given: string, where: Where = {}): Promise<void> {
  await tenants.revokeApiKey(given, connect(where));
}

/** `npm run tenant -- limits`. @throws CommandError */
export const setLimits = (name: string, changes: readonly string[], where: Where = {}) =>
  changeLimits(name, changes, { tenants: openStore(where), budgets: openBudgets(where) });

/** `npm run tenant -- reputation`. @throws CommandError */
export const showReputation = (
  name: string,
  domain: string | undefined,
  decision?: Decision,
  where: Where = {},
) => reputationOf(name, domain, decision, connectReputations(where));

/** `npm run tenant -- suspend`. @throws CommandError */
export const suspendTenant = async (name: string, reason: string, where: Where = {}) =>
  states.suspendTenant(name, reason, await connectStates(where));

/** `npm run tenant -- resume`. @throws CommandError */
export const resumeTenant = async (
  name: string,
  options: { readonly refuseHeld?: boolean } = {},
  where: Where = {},
) => states.resumeTenant(name, options, await connectStates(where));

/** `npm run tenant -- close`. @throws CommandError */
export const closeTenant = async (name: string, reason: string, where: Where = {}) =>
  states.closeTenant(name, reason, await connectStates(where));

const options = {
  ...stateOption,
  reason: { type: 'string' },
  'refuse-held': { type: 'boolean', default: false },
  reset: { type: 'boolean', default: false },
  exempt: { type: 'boolean', default: false },
  aws: { type: 'boolean', default: false },
  table: { type: 'string' },
  'budgets-table': { type: 'string' },
} as const;

const subjectCommands = [
  'create',
  'key',
  'revoke',
  'limits',
  'reputation',
  'suspend',
  'resume',
  'close',
];

async function main(): Promise<void> {
  const { values, positionals } = readArguments(usage, options, 2 + budgetNames.length);
  const [command, subject, ...changes] = positionals;
  const takesSubject = subjectCommands.includes(command ?? '');
  const most = command === 'limits' ? budgetNames.length : command === 'reputation' ? 1 : 0;
  if (changes.length > most) throw new CommandError(usage);
  if (values.reset && values.exempt) throw new CommandError(usage);
  if ((values.reset || values.exempt) && command !== 'reputation') throw new CommandError(usage);
  if (takesSubject !== Boolean(subject)) throw new CommandError(usage);
  const name = subject as string;
  if (command === 'create') return printIssued(await createTenant(name, values));
  if (command === 'key') return printIssued(await tenants.issueKey(name, connect(values)));
  if (command === 'list') return printList(await connect(values).tenants.list());
  if (command === 'limits') return printLimits(await setLimits(name, changes, values));
  if (command === 'reputation') {
    const decision = values.reset ? 'reset' : values.exempt ? 'exempt' : undefined;
    return console.log(reputationLine(await showReputation(name, changes[0], decision, values)));
  }
  if (command === 'suspend' || command === 'resume' || command === 'close') {
    return printDecided(await decide(command, name, values));
  }
  if (command !== 'revoke') throw new CommandError(usage);
  const { tenant, revoked } = await tenants.revokeApiKey(name, connect(values));
  return console.log(`Revoked ${revoked.prefix}... of ${tenant.name} (${tenant.id}).`);
}

async function decide(
  command: 'suspend' | 'resume' | 'close',
  name: string,
  {
    reason,
    'refuse-held': refuseHeld = false,
    ...where
  }: Where & { reason?: string | undefined; 'refuse-held'?: boolean },
): Promise<Decided> {
  const ports = await connectStates(where);
  if (command === 'suspend') return states.suspendTenant(name, reason, ports);
  if (command === 'close') return states.closeTenant(name, reason, ports);
  return states.resumeTenant(name, { refuseHeld }, ports);
}

function printDecided({ tenant, released }: Decided): void {
  const { status, since = 'ever', reason } = tenant.state;
  console.log(
    `${tenant.name} (${tenant.id}) is ${status} since ${since}${reason === undefined ? '' : `: ${reason}`}.`,
  );
  if (status !== 'suspended') console.log(`Held mails that were queued: ${released}`);
}

function printLimits({ tenant, own }: Awaited<ReturnType<typeof setLimits>>): void {
  console.log(`Limits of ${tenant.name} (${tenant.id}):`);
  for (const line of limitLines(own)) console.log(line);
}

function connect(where: Where): TenantPorts {
  return {
    tenants: openStore(where),
    clock: { now: () => new Date() },
    random: { bytes: (size) => randomBytes(size) },
  };
}

/** The mail of tenants is in the table and the queue of the same deployment, by their fixed names. */
async function connectStates(where: Where): Promise<StatePorts> {
  const local = localRun(where);
  const client = local?.client ?? {};
  const { name, tenantsTable } = deploymentOf(where);
  const sqs = sqsClient(client);
  const { QueueUrl = '' } = await sqs.send(
    new GetQueueUrlCommand({ QueueName: `${name}-outbound` }),
  );
  const { messages } = tablesOfDeployment(name, local?.configFile);
  return {
    tenants: openStore(where),
    heldMessages: dynamoHeldMessages(documentClient(client), { messages, tenants: tenantsTable }),
    outbound: sqsQueue<OutboundRequest>(sqs, QueueUrl),
    clock: { now: () => new Date() },
  };
}

function connectReputations(where: Where): ReputationPorts {
  const local = localRun(where);
  const client = documentClient(local?.client ?? {});
  const { reputations } = tablesOfDeployment(deploymentOf(where).name, local?.configFile);
  return {
    tenants: openStore(where),
    reputations: dynamoReputationStore(client, reputations, trailOf(where)),
    clock: { now: () => new Date() },
  };
}

/** The name of the deployment whose table of tenants is given. */
function deploymentOf(where: Where): { name: string; tenantsTable: string } {
  const tenantsTable = localRun(where)?.tenantsTable ?? tenantsTableOf(where);
  // A table that was restored has the time of its state in its name.
  const [, name] = /^(.+)-tenants(?:-\d{8}T\d{6})?$/.exec(tenantsTable) ?? [];
  if (name !== undefined) return { name, tenantsTable };
  throw new CommandError(
    `"${tenantsTable}" is no table of tenants of a deployment: its name ends in "-tenants".`,
  );
}

function openStore({ table, ...where }: Where): TenantStore {
  const local = localRun(where);
  const trail = trailOf({ ...where, table });
  if (local !== undefined) {
    return dynamoTenantStore(documentClient(local.client), local.tenantsTable, trail);
  }
  return dynamoTenantStore(documentClient(), tenantsTableOf({ ...where, table }), trail);
}

/** The audit log is in the same deployment, by its fixed name. */
function trailOf(where: Where): AuditTrail {
  const local = localRun(where);
  const table = local?.auditTable ?? tablesOfDeployment(deploymentOf(where).name).audit;
  return operatorTrail(table);
}

function tenantsTableOf({ table, ...where }: Where): string {
  const name = table ?? process.env['TENANTS_TABLE'];
  if (name === undefined) {
    throw new CommandError(
      `${where.aws === true ? '' : 'There is no local run, so this is for AWS: '}name the table of tenants with --table or TENANTS_TABLE.`,
    );
  }
  return name;
}

function openBudgets({ 'budgets-table': table, ...where }: Where): LimitPorts['budgets'] {
  const local = localRun(where);
  if (local !== undefined) {
    return dynamoOwnLimits(documentClient(local.client), local.budgetsTable, trailOf(where));
  }
  const name = table ?? process.env['BUDGETS_TABLE'];
  if (name === undefined) {
    throw new CommandError('Name the table of limits with --budgets-table or BUDGETS_TABLE.');
  }
  return dynamoOwnLimits(documentClient(), name, trailOf(where));
}

function printIssued({ tenant, key }: Issued): void {
  console.log(`Tenant:  ${tenant.name} (${tenant.id})`);
  console.log(`API key: ${key}`);
  console.log('The key is shown only now.');
}

function printList(known: Awaited<ReturnType<TenantStore['list']>>): void {
  if (known.length === 0) console.log('There are no tenants yet.');
  for (const { tenant, keys } of known) {
    const { status, since, reason } = tenant.state ?? activeState;
    const isActive = status === 'active';
    console.log(
      `${tenant.id}  ${tenant.name}  since ${tenant.createdAt}${isActive ? '' : `  ${status} since ${since}: ${reason}`}`,
    );
    for (const { prefix, hash, scopes, createdAt, revokedAt } of keys) {
      const state = revokedAt === undefined ? `since ${createdAt}` : `revoked ${revokedAt}`;
      console.log(`  ${prefix}...  ${scopes.join(' ')}  ${state}  ${hash}`);
    }
  }
}

if (import.meta.main) await runCommand(main, wordsOf);
