import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { limitsChange } from '#shared/app/audit/other-changes.ts';
import type { BudgetStore, OwnLimits } from '#shared/app/ports/budgets.ts';
import type { BudgetName } from '#shared/core/model/budgets.ts';
import type { AuditTrail } from './audit-trail.ts';
import { atLimits, dynamoBudgetStore } from './budget-store.ts';
import { transact } from './dynamo.ts';

/** The limits of single tenants in the table `budgets`, for the operator who sets them. */
export function dynamoOwnLimits(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): Pick<BudgetStore, 'ownLimits' | 'setOwnLimits'> {
  const { ownLimits } = dynamoBudgetStore(client, table);
  return {
    ownLimits,

    setOwnLimits: (holder, changes) =>
      retry(retryLimits.conflict, async () => {
        const before = await ownLimits(holder);
        const next = withChanges(before, changes);
        const update = { TableName: table, Key: atLimits(holder), ...updateOf(before, changes) };
        const entries = trail.entriesOf(limitsChange(holder, before, next));
        await transact(client, `the limits of ${holder}`, [{ Update: update }, ...entries]);
      }),
  };
}

type LimitChanges = Parameters<BudgetStore['setOwnLimits']>[1];

const withChanges = (before: OwnLimits, changes: LimitChanges): OwnLimits =>
  Object.fromEntries(
    Object.entries({ ...before, ...changes }).filter(([, limit]) => limit !== undefined),
  );

/** Sets and removes limits where they still are those that were read. */
function updateOf(before: OwnLimits, changes: LimitChanges) {
  const names = Object.keys(changes) as BudgetName[];
  const set = names.filter((name) => changes[name] !== undefined);
  const gone = names.filter((name) => changes[name] === undefined);
  const known = names.filter((name) => before[name] !== undefined);
  const at = (name: BudgetName) => names.indexOf(name);
  const values = [
    ...set.map((name) => [`:v${at(name)}`, changes[name]] as const),
    ...known.map((name) => [`:w${at(name)}`, before[name]] as const),
  ];
  return {
    UpdateExpression: [
      ...(set.length > 0
        ? [`SET ${set.map((name) => `#n${at(name)} = :v${at(name)}`).join(', ')}`]
        : []),
      ...(gone.length > 0 ? [`REMOVE ${gone.map((name) => `#n${at(name)}`).join(', ')}`] : []),
    ].join(' '),
    ConditionExpression: names
      .map((name) =>
        before[name] === undefined
          ? `attribute_not_exists(#n${at(name)})`
          : `#n${at(name)} = :w${at(name)}`,
      )
      .join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#n${at(name)}`, name])),
    ...(values.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(values) }),
  };
}
