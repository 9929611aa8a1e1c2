import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  addCounts,
  COUNTED_DAYS,
  newReputation,
  WINDOW_DAYS,
  windowDay,
  type Reputation,
  type ReputationCounts,
  type ReputationSubject,
  type Standing,
} from '#shared/core/model/reputation.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { reputationChange } from '#shared/app/audit/other-changes.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { AuditTrail } from './audit-trail.ts';
import {
  batchGet,
  isConditionFailed,
  isTransactionConflict,
  queryAll,
  transact,
} from './dynamo.ts';
import { readable } from './readable.ts';
import { flag, number, object, oneOf, optional, text, wholeReader, type Item } from './item.ts';

type Domains = ReadonlyMap<DomainName, Reputation>;

interface Stored {
  readonly tenant: string;
  readonly subject: string;
  readonly standing?: Standing | undefined;
  readonly since?: string | undefined;
  readonly exempt?: boolean | undefined;
  /** Outcomes since the first, and those of them that are in the tenant's counts. */
  readonly outcomes?: number | undefined;
  readonly passedOn?: number | undefined;
}

const stored = object<Stored>({
  tenant: text(),
  subject: text(),
  standing: optional(oneOf('good', 'slowed', 'paused')),
  since: optional(text()),
  exempt: optional(flag),
  outcomes: optional(number),
  passedOn: optional(number),
});

/** The sort key of a tenant as a whole; no domain has it. */
const WHOLE = '*';
const keyOf = ({ tenant, domain = WHOLE as never }: ReputationSubject) => ({
  tenant,
  subject: domain as string,
});

const nameOf = ({ tenant, subject }: Pick<Stored, 'tenant' | 'subject'>): string =>
  `${tenant} ${subject}`;

const COUNTERS = { outcomes: 'o', bounced: 'b', complained: 'c' } as const;
type Counter = keyof typeof COUNTERS;
const counters = Object.keys(COUNTERS) as Counter[];

/** The attribute of a counter on a day: `b20787`. */
const attributeOf = (counter: Counter, day: number): string => `${COUNTERS[counter]}${day}`;

/**
 * Reputations in the table `reputations`: by tenant, and `*` or a domain; a counter a day is an
 * attribute of its own, so that adding and reading the totals is one write.
 *
 * @param table the table's name
 */
export function dynamoReputationStore(
  client: DynamoDBDocumentClient,
  table: string,
  trail: AuditTrail,
): ReputationStore {
  const read = wholeReader(table, stored, ['tenant', 'subject']);

  function reputationOf(item: Item, at: string): Reputation {
    const { standing = 'good', since, exempt } = read(item);
    return {
      counts: totals(item, at),
      standing,
      ...(since === undefined ? {} : { since }),
      ...(exempt === undefined ? {} : { exempt }),
    };
  }

  /** Days that no longer count are left out of the item, once a day. */
  async function forget(subject: ReputationSubject, item: Item, day: number): Promise<void> {
    const old = Object.keys(item).filter((name) => isOld(name, day));
    if (old.length === 0) return;
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: keyOf(subject),
        UpdateExpression: `REMOVE ${old.map((_, index) => `#n${index}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(
          old.map((name, index) => [`#n${index}`, name]),
        ),
      }),
    );
  }

  return {
    async count(subject, counts, at) {
      const day = windowDay(at);
      // An item of a month stays within a write unit by having no zeros.
      const counted = counters.filter((counter) => counts[counter] > 0);
      const all = [...counted.map((counter) => `#${counter} :${counter}`), '#all :outcomes'];
      const update = {
        TableName: table,
        Key: keyOf(subject),
        UpdateExpression: `ADD ${all.join(', ')}`,
        ExpressionAttributeNames: {
          '#all': 'outcomes',
          ...Object.fromEntries(
            counted.map((counter) => [`#${counter}`, attributeOf(counter, day)]),
          ),
        },
        ExpressionAttributeValues: {
          ':outcomes': counts.outcomes,
          ...Object.fromEntries(counted.map((counter) => [`:${counter}`, counts[counter]])),
        },
        ReturnValues: 'ALL_NEW',
      } as const;
      // A change of the standing is a transaction, which lets no other write in meanwhile.
      const { Attributes: item = {} } = await retry(
        { ...retryLimits.contended, on: isTransactionConflict },
        () => client.send(new UpdateCommand(update)),
      );
      await forget(subject, item, day);
      const { outcomes = 0, passedOn = 0 } = read(item);
      return { ...reputationOf(item, at), passed: { outcomes, passedOn } };
    },

    async passOn(subject, { outcomes, passedOn }) {
      try {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(subject),
            UpdateExpression: 'SET passedOn = :outcomes',
            ConditionExpression:
              passedOn === 0
                ? 'attribute_not_exists(passedOn) OR passedOn = :passedOn'
                : 'passedOn = :passedOn',
            ExpressionAttributeValues: { ':outcomes': outcomes, ':passedOn': passedOn },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    },

    async move(subject, from, to, at) {
      const update = {
        TableName: table,
        Key: keyOf(subject),
        UpdateExpression: 'SET standing = :to, since = :at',
        ConditionExpression:
          from === 'good'
            ? 'attribute_not_exists(standing) OR standing = :from'
            : 'standing = :from',
        ExpressionAttributeValues: { ':from': from, ':to': to, ':at': at },
      };
      try {
        await transact(client, `the standing of ${nameOf(keyOf(subject))}`, [
          { Update: update },
          ...trail.entriesOf(reputationChange(subject, { standing: from }, { standing: to })),
        ]);
        return true;
      } catch (error) {
        if (error instanceof Conflict) return false;
        throw error;
      }
    },

    async among(subjects, at) {
      const items = await batchGet(client, table, subjects.map(keyOf), { consistent: false });
      const found = new Map(items.map((item) => [nameOf(read(item)), item]));
      return subjects.map((each) => {
        const item = found.get(nameOf(keyOf(each)));
        return item === undefined ? newReputation : reputationOf(item, at);
      });
    },

    async ofTenant(tenant, at) {
      const items = await queryAll(client, {
        TableName: table,
        KeyConditionExpression: 'tenant = :tenant',
        ExpressionAttributeValues: { ':tenant': tenant },
      });
      const all = new Map(
        readable(items, (item) => [String(item['subject']), reputationOf(item, at)] as const),
      );
      const whole = all.get(WHOLE) ?? newReputation;
      all.delete(WHOLE);
      return { whole, domains: all as ReadonlyMap<string, Reputation> as Domains };
    },

    async days(subject, at, days) {
      const [item = {}] = await batchGet(client, table, [keyOf(subject)], { consistent: false });
      return lastDays(at, days).map((day) => countsOn(item, day));
    },

    async reset(subject, exempt, at) {
      const [known] = await batchGet(client, table, [keyOf(subject)], { consistent: true });
      const { standing = 'good', exempt: was = false } = known === undefined ? {} : read(known);
      const item = { ...keyOf(subject), standing: 'good', since: at, exempt };
      const change = reputationChange(
        subject,
        { standing, exempt: was, reset: null },
        { standing: 'good', exempt, reset: at },
      );
      await transact(client, `the standing of ${nameOf(keyOf(subject))}`, [
        { Put: { TableName: table, Item: item } },
        ...trail.entriesOf(change),
      ]);
    },
  };
}

const isOld = (name: string, day: number): boolean => {
  const [, of] = /^[obc](\d+)$/.exec(name) ?? [];
  return of !== undefined && Number(of) <= day - COUNTED_DAYS;
};

/** So many days, today the last. @param at ISO 8601 */
const lastDays = (at: string, days: number): number[] =>
  Array.from({ length: days }, (_, index) => windowDay(at) - days + 1 + index);

function countsOn(item: Item, day: number): ReputationCounts {
  const of = (counter: Counter): number => {
    const value = item[attributeOf(counter, day)];
    return typeof value === 'number' ? value : 0;
  };
  return { outcomes: of('outcomes'), bounced: of('bounced'), complained: of('complained') };
}

const totals = (item: Item, at: string): ReputationCounts =>
  lastDays(at, WINDOW_DAYS)
    .map((day) => countsOn(item, day))
    .reduce(addCounts, newReputation.counts);
