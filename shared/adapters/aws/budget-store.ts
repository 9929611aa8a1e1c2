import {
  GetCommand,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { Conflict } from '#shared/core/model/errors.ts';
import { budgetNames, type BudgetWindow, type LeaseBudget } from '#shared/core/model/budgets.ts';
import { isPlatformId } from '#shared/core/model/names.ts';
import { DAY_SECONDS } from '#shared/core/time.ts';
import type {
  BudgetStore,
  BudgetSubject,
  OwnLimits,
  Spending,
  StoredLeases,
} from '#shared/app/ports/budgets.ts';
import { batchGet, conditionally, isConditionFailed } from './dynamo.ts';
import {
  keyedReader,
  mapOf,
  number,
  object,
  optional,
  parse,
  type Fields,
  type Item,
} from './item.ts';

type Windows = Omit<Spending, 'amount'>;

/**
 * The keys of the table `budgets`: the windows of a group under the start of the longest, limits of a
 * tenant's own, and its leases.
 */
const at = {
  used: ({ subject, group, windows }: Windows) => ({
    pk: partition(subject),
    sk: `used#${group}#${(windows.at(-1) as BudgetWindow).start}`,
  }),
  limits: (subject: BudgetSubject) => ({ pk: partition(subject), sk: 'limits' }),
  leases: (subject: BudgetSubject, budget: LeaseBudget) => ({
    pk: partition(subject),
    sk: `leases#${budget}`,
  }),
};

const partition = (subject: BudgetSubject): string => {
  if (subject.startsWith('link#')) return subject;
  return isPlatformId(subject) ? `platform#${subject}` : `tenant#${subject}`;
};

/** The attribute that counts a window: its length and its start, in seconds. */
const counter = ({ seconds, start }: Pick<BudgetWindow, 'seconds' | 'start'>): string =>
  `${seconds}@${start}`;

/**
 * Windows of the shorter kind that go with a write, so that an item keeps few of them. The last one
 * stays: the clocks of instances differ.
 */
const FORGOTTEN = 20;

const ownLimits = object<OwnLimits>(
  Object.fromEntries(
    budgetNames.map((name) => [name, optional(number)]),
  ) as unknown as Fields<OwnLimits>,
);
const storedLeases = object<StoredLeases & { expiresAt: number }>({
  leases: mapOf(number),
  version: number,
  expiresAt: number,
});

/** The key of a tenant's own limits. */
export const atLimits = at.limits;

/** Budgets in the table `budgets`; nobody sets limits by it. */
export function dynamoBudgetStore(
  client: DynamoDBDocumentClient,
  table: string,
): Omit<BudgetStore, 'setOwnLimits'> {
  const limitsOf = keyedReader(table, ownLimits);
  const leasesOf = keyedReader(table, storedLeases);

  const read = async (key: Item): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  const usedIn = ({ windows, ...rest }: Windows, item: Item = {}): number[] =>
    windows.map((window) => {
      const name = counter(window);
      const key = at.used({ windows, ...rest });
      return parse(optional(number), item[name], { table, key }) ?? 0;
    });

  const usedOf = async (spendings: readonly Windows[]): Promise<number[][]> => {
    const items = await batchGet(client, table, spendings.map(at.used), { consistent: true });
    return spendings.map((spending) => {
      const { pk, sk } = at.used(spending);
      return usedIn(
        spending,
        items.find((item) => item['pk'] === pk && item['sk'] === sk),
      );
    });
  };

  return {
    async take(spending) {
      const { windows, amount } = spending;
      // An item that is not there has no counter to compare, so the limit itself is compared here.
      if (windows.some(({ limit }) => amount > limit)) {
        return { isTaken: false, used: (await usedOf([spending]))[0] as number[] };
      }
      try {
        const { Attributes: item } = await client.send(
          new UpdateCommand({ TableName: table, ...takeOf(spending), ReturnValues: 'UPDATED_NEW' }),
        );
        return { isTaken: true, used: usedIn(spending, item) };
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        return { isTaken: false, used: (await usedOf([spending]))[0] as number[] };
      }
    },

    async adjust(spending) {
      const { windows, amount } = spending;
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: at.used(spending),
          UpdateExpression: `ADD ${windows.map((_, index) => `#w${index} :amount`).join(', ')} SET expiresAt = :expiresAt`,
          ExpressionAttributeNames: namesOf(windows),
          ExpressionAttributeValues: { ':amount': amount, ':expiresAt': expiryOf(spending) },
        }),
      );
    },

    used: usedOf,

    async ownLimits(tenant) {
      const item = await read(at.limits(tenant));
      return item === undefined ? {} : limitsOf(item);
    },

    async leases(tenant, budget) {
      const item = await read(at.leases(tenant, budget));
      return item === undefined ? { leases: {}, version: 0 } : leasesOf(item);
    },

    async putLeases(tenant, budget, before, leases) {
      const last = Math.max(0, ...Object.values(leases));
      await conditionally(`the leases of ${budget}`, () =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: {
              ...at.leases(tenant, budget),
              leases,
              version: before.version + 1,
              expiresAt: Math.ceil(last / 1_000) + DAY_SECONDS,
            },
            ConditionExpression:
              before.version === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
            ...(before.version === 0
              ? {}
              : {
                  ExpressionAttributeNames: { '#version': 'version' },
                  ExpressionAttributeValues: { ':version': before.version },
                }),
          }),
        ),
      );
    },

    async endLease(tenant, budget, { of, until }) {
      try {
        await conditionally(`the lease of ${of}`, () =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: at.leases(tenant, budget),
              UpdateExpression: 'REMOVE leases.#of SET #version = #version + :one',
              ConditionExpression: 'leases.#of = :until',
              ExpressionAttributeNames: { '#of': of, '#version': 'version' },
              ExpressionAttributeValues: { ':until': until, ':one': 1 },
            }),
          ),
        );
      } catch (error) {
        // It had ended by itself, and another may have taken its place.
        if (!(error instanceof Conflict)) throw error;
      }
    },
  };
}

const namesOf = (windows: readonly Pick<BudgetWindow, 'seconds' | 'start'>[], letter = 'w') =>
  Object.fromEntries(windows.map((window, index) => [`#${letter}${index}`, counter(window)]));

/** A day after the longest window ended. */
const expiryOf = ({ windows }: Windows): number => {
  const { start, seconds } = windows.at(-1) as BudgetWindow;
  return start + seconds + DAY_SECONDS;
};

/** The one update that takes from every window, or from none. */
function takeOf(spending: Spending) {
  const { windows, amount } = spending;
  const past = pastWindows(windows);
  const set = windows.map((_, index) => `#w${index} = if_not_exists(#w${index}, :none) + :amount`);
  return {
    Key: at.used(spending),
    UpdateExpression: [
      `SET ${[...set, 'expiresAt = :expiresAt'].join(', ')}`,
      ...(past.length === 0 ? [] : [`REMOVE ${past.map((_, index) => `#p${index}`).join(', ')}`]),
    ].join(' '),
    ConditionExpression: windows
      .map((_, index) => `(attribute_not_exists(#w${index}) OR #w${index} <= :room${index})`)
      .join(' AND '),
    ExpressionAttributeNames: { ...namesOf(windows), ...namesOf(past, 'p') },
    ExpressionAttributeValues: {
      ':none': 0,
      ':amount': amount,
      ':expiresAt': expiryOf(spending),
      ...Object.fromEntries(windows.map(({ limit }, index) => [`:room${index}`, limit - amount])),
    },
  };
}

/** The last windows before those that are shorter than the item's. */
function pastWindows(windows: readonly BudgetWindow[]): Pick<BudgetWindow, 'seconds' | 'start'>[] {
  const longest = windows.at(-1) as BudgetWindow;
  return windows.slice(0, -1).flatMap(({ seconds, start }) =>
    Array.from({ length: FORGOTTEN }, (_, index) => ({
      seconds,
      start: start - (index + 2) * seconds,
    })).filter((past) => past.start >= longest.start),
  );
}
