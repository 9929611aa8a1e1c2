import type { SecretPurpose, Uses } from '#shared/runtime/declaration.ts';
import type { TableName } from '#shared/runtime/tables.ts';
import {
  BUS_VARIABLE,
  SECRETS_KEY_VARIABLE,
  WRAPPING_KEY_VARIABLE,
} from '#shared/runtime/variables.ts';
import { allow, type Grantee } from './permission.ts';
import { secretsKeyConditions } from './secrets-key.ts';
import type { Service } from './service.ts';
import { wrappingKeyConditions } from './wrapping-key.ts';

const ON_INDEX = 'Query ';

/** Gives each table: its name in the environment, and the declared actions on it and its indexes. */
export function useTables(target: Grantee, { tables = {} }: Uses, service: Service): void {
  for (const [name, uses] of Object.entries(tables)) {
    const { table, variable } = service.tables[name as TableName];
    const { actions = [], indexes = [] } = Object.groupBy<'actions' | 'indexes', string>(
      uses,
      (use) => (use.startsWith(ON_INDEX) ? 'indexes' : 'actions'),
    );
    target.addEnvironment(variable, table.tableName);
    allow(target, {
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [table.tableArn],
    });
    if (indexes.length === 0) continue;
    allow(target, {
      actions: ['dynamodb:Query'],
      resources: indexes.map((use) => `${table.tableArn}/index/${use.slice(ON_INDEX.length)}`),
    });
  }
}

/** Gives each queue, and the bus: the URL or name in the environment, and the right to send. */
export function useQueuesAndBus(
  target: Grantee,
  { sendsTo = [], putsEvents }: Uses,
  { queues, bus }: Service,
): void {
  for (const name of sendsTo) {
    const { queue, variable } = queues.get(name);
    target.addEnvironment(variable, queue.queueUrl);
    allow(target, { actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
  }
  if (!putsEvents) return;
  target.addEnvironment(BUS_VARIABLE, bus.eventBusName);
  allow(target, { actions: ['events:PutEvents'], resources: [bus.eventBusArn] });
}

/** Gives the wrapping key: its ARN in the environment, and the declared actions under its conditions. */
export function useWrappingKey(
  target: Grantee,
  { name, wrappingKey: actions }: Uses,
  { wrappingKey }: Service,
): void {
  if (actions === undefined) return;
  const { keyArn } = wrappingKey.key;
  target.addEnvironment(WRAPPING_KEY_VARIABLE, keyArn);
  for (const action of actions) {
    allow(target, {
      actions: [`kms:${action}`],
      resources: [keyArn],
      conditions: wrappingKeyConditions[action],
    });
    wrappingKey.allow(name, action);
  }
}

/** Gives the key that seals secrets: its ARN in the environment, and the declared calls for each purpose. */
export function useSecretsKey(
  target: Grantee,
  { name, secretsKey: purposes }: Uses,
  { secretsKey }: Service,
): void {
  if (purposes === undefined) return;
  const { keyArn } = secretsKey.key;
  target.addEnvironment(SECRETS_KEY_VARIABLE, keyArn);
  for (const [purpose, actions] of Object.entries(purposes)) {
    allow(target, {
      actions: actions.map((action) => `kms:${action}`),
      resources: [keyArn],
      conditions: secretsKeyConditions(purpose as SecretPurpose),
    });
    for (const action of actions) secretsKey.allow(name, purpose as SecretPurpose, action);
  }
}
