import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { publishEvents } from '../../../../lambdas/event-publisher/publish-events.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const pending = givenClaim();
const verified: Claim = { ...pending, status: 'verified', statusSince: '2026-11-20T10:00:00.000Z' };

let bus: MemoryEventBus;
let reported: string[];
beforeEach(() => {
  bus = new MemoryEventBus();
  reported = [];
});
const publish = (...records: DynamoDBRecord[]) =>
  publishEvents({ bus, log: ({ what }) => reported.push(what) }, records);

const image = (item: object) =>
  marshall(item, { removeUndefinedValues: true }) as NonNullable<
    NonNullable<DynamoDBRecord['dynamodb']>['NewImage']
  >;
const record = (
  sequence: number,
  [before, after]: readonly [Claim | undefined, Claim | undefined],
  {
    sk = 'claim#example.com',
    eventName = 'MODIFY',
  }: { sk?: string; eventName?: 'INSERT' | 'MODIFY' | 'REMOVE' } = {},
): DynamoDBRecord => ({
  eventName,
  dynamodb: {
    SequenceNumber: String(sequence),
    Keys: { pk: { S: 'x' }, sk: { S: sk } },
    ...(before && { OldImage: image({ pk: 'x', sk, ...before }) }),
    ...(after && { NewImage: image({ pk: 'x', sk, ...after }) }),
  },
});

test('a change of status is published, others are not', async () => {
  const ended = await publish(
    record(1, [pending, verified]),
    record(2, [verified, { ...verified, version: 7 }]),
    record(3, [pending, verified], { sk: 'holder' }),
  );
  expect(ended).toBeUndefined();
  expect(bus.events).toMatchObject([
    { type: 'domain.verified', tenant: pending.tenant, data: { domain: 'example.com' } },
  ]);
});

test('the making of a claim is published; its end was published before', async () => {
  const made = record(1, [undefined, pending], { eventName: 'INSERT' });
  const gone = record(2, [pending, undefined], { eventName: 'REMOVE' });
  expect(await publish(made, gone)).toBeUndefined();
  expect(bus.events).toMatchObject([{ type: 'domain.claimed', at: pending.createdAt }]);
});

const retiring = (before: object, after: object): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: {
    SequenceNumber: '1',
    Keys: { pk: { S: 'x' }, sk: { S: 'label' } },
    OldImage: image(before),
    NewImage: image(after),
  },
});

test('the end of a claim that expired is published with its label, once', async () => {
  const expiredAt = '2027-05-20T10:00:00.000Z';
  const expired: Claim = { ...pending, version: 3, lifecycle: 'expired', expiredAt };
  const { tenant, domain, label, shard } = pending;
  const item = { pk: 'x', sk: 'label', tenant, domain, label, shard };
  const { expiredAt: _, ...deleted } = expired;
  await publish(
    retiring(item, { ...item, tombstone: { ...expired, status: 'verified' } }),
    retiring(item, { ...item, tombstone: deleted }),
    retiring({ ...item, tombstone: expired }, { ...item, tombstone: expired }),
    retiring({ ...item, tombstone: expired }, item),
  );
  expect(bus.events).toMatchObject([{ type: 'domain.expired', tenant, at: expiredAt }]);
});

test('the warning of the end is published once', async () => {
  const expiring = { since: '2027-05-06T10:00:00.000Z', expiresAt: '2027-05-20T10:00:00.000Z' };
  const warned: Claim = { ...pending, version: 2, expiring };
  await publish(record(1, [pending, warned]), record(2, [warned, { ...warned, version: 3 }]));
  expect(bus.events).toMatchObject([
    {
      type: 'domain.expiring',
      at: expiring.since,
      data: { domain: 'example.com', expiresAt: expiring.expiresAt },
    },
  ]);
});

test('where the bus fails, the whole batch comes again', async () => {
  bus.failing.push(new Error('the bus is gone'));
  expect(await publish(record(1, [verified, verified]), record(2, [pending, verified]))).toBe('1');
  expect(reported).toEqual(['telling of claims']);
});

test('a record that cannot be read comes again, those before it are published', async () => {
  expect(await publish(record(1, [pending, verified]), record(2, [undefined, verified]))).toBe('2');
  expect(bus.events).toHaveLength(1);
  expect(reported).toEqual(['reading a stream record']);
});
