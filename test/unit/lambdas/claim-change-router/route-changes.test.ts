import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { Label } from '#shared/core/model/names.ts';
import type { CheckRequest, IdentityRequest, PublishRequest } from '#shared/app/ports/queues.ts';
import {
  routeChanges,
  type ClaimChangeRouterPorts,
} from '../../../../lambdas/claim-change-router/route-changes.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';

const s1 = 's1.sd.example.net';
const s2 = 's2.sd.example.net';

class ClaimChangeRouterService {
  readonly publishQueue = new MemoryQueue<PublishRequest>({ fifo: true });
  readonly revocationQueue = new MemoryQueue<PublishRequest>();
  readonly identityQueue = new MemoryQueue<IdentityRequest>();
  readonly checkQueue = new MemoryQueue<CheckRequest>();
  readonly failures: string[] = [];
  readonly ports: ClaimChangeRouterPorts = {
    publishQueue: this.publishQueue,
    revocationQueue: this.revocationQueue,
    identityQueue: this.identityQueue,
    checkQueue: this.checkQueue,
    log: ({ what, error }) => this.failures.push(`${what}: ${String(error)}`),
  };

  routeChanges(...records: DynamoDBRecord[]): Promise<string | undefined> {
    return routeChanges(this.ports, records);
  }

  published(): PublishRequest[] {
    return this.publishQueue.take().map(({ request }) => request);
  }
}

let sequence = 0;

/** A stream record as Lambda hands it over, with a sequence number of its own. */
function streamRecord(
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE',
  pk: string,
  sk: string,
  image: Record<string, AttributeValue> = {},
): DynamoDBRecord {
  sequence += 1;
  const keys = { pk: { S: pk }, sk: { S: sk } };
  return {
    eventID: String(sequence),
    eventName,
    eventSource: 'aws:dynamodb',
    dynamodb: {
      Keys: keys,
      SequenceNumber: String(sequence).padStart(21, '0'),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      ...(eventName === 'REMOVE' ? { OldImage: image } : { NewImage: { ...keys, ...image } }),
    },
  };
}

const labelOf = (name: string): Label =>
  name
    .replaceAll(/[^a-z]/g, '')
    .padEnd(26, 'a')
    .slice(0, 26) as Label;

const claimImage = (domain: string, shard: string): Record<string, AttributeValue> => ({
  tenant: { S: 't_one' },
  domain: { S: domain },
  label: { S: labelOf(domain) },
  shard: { S: shard },
  version: { N: '1' },
});

const claimRecord = (
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE',
  domain: string,
  shard = s1,
): DynamoDBRecord =>
  streamRecord(eventName, 'tenant#t_one', `claim#${domain}`, claimImage(domain, shard));

/** The turn at SES that a claim gets, in its tenant's group. */
const turn = (domain: string) => ({
  request: { domain, claim: { tenant: 't_one', label: labelOf(domain) } },
  group: 't_one',
});

const sequenceOf = (record: DynamoDBRecord) => record.dynamodb!.SequenceNumber;

describe('what the claim-change router passes on', () => {
  test('a new claim is to be published, given an identity, and checked after a moment', async () => {
    const service = new ClaimChangeRouterService();
    expect(await service.routeChanges(claimRecord('INSERT', 'a.example'))).toBeUndefined();

    const label = labelOf('a.example');
    expect(service.publishQueue.take()).toMatchObject([
      { request: { shard: s1, labels: [label] }, group: s1 },
    ]);
    expect(service.identityQueue.take()).toMatchObject([turn('a.example')]);
    expect(service.checkQueue.take()).toEqual([
      { request: { tenant: 't_one', domain: 'a.example', label }, delaySeconds: 5 },
    ]);
  });

  test('a changed claim is to be published, and nothing else', async () => {
    const service = new ClaimChangeRouterService();
    await service.routeChanges(claimRecord('MODIFY', 'a.example'));

    expect(service.published()).toEqual([{ shard: s1, labels: [labelOf('a.example')] }]);
    expect(service.identityQueue.take()).toEqual([]);
    expect(service.checkQueue.take()).toEqual([]);
  });

  test('a retired claim: its label is to be published, its domain may lose the identity', async () => {
    const service = new ClaimChangeRouterService();
    await service.routeChanges(
      claimRecord('REMOVE', 'a.example'),
      streamRecord('MODIFY', 'label#x', 'label', {
        shard: { S: s2 },
        tombstone: { M: claimImage('a.example', s2) },
      }),
    );

    expect(service.published()).toEqual([{ shard: s2, labels: [labelOf('a.example')] }]);
    expect(service.identityQueue.take()).toMatchObject([turn('a.example')]);
  });

  test.each([
    ['a label of a living claim', streamRecord('INSERT', 'label#x', 'label', { shard: { S: s1 } })],
    ['a holder', streamRecord('INSERT', 'domain#a.example', 'holder', { label: { S: 'x' } })],
    ['the end of a holding', streamRecord('REMOVE', 'domain#a.example', 'holder')],
    ['a counter', streamRecord('MODIFY', 'tenant#t_one', 'pending', { count: { N: '3' } })],
    ['a mark', streamRecord('INSERT', 'domain#example', 'below')],
    ['a request of a tenant', streamRecord('INSERT', 'tenant#t_one', 'request#abc')],
  ])('%s asks for nothing', async (_what, record) => {
    const service = new ClaimChangeRouterService();
    expect(await service.routeChanges(record)).toBeUndefined();

    expect(service.published()).toEqual([]);
    expect(service.identityQueue.take()).toEqual([]);
    expect(service.checkQueue.take()).toEqual([]);
  });
});

const ring = (...states: readonly string[]): Record<string, AttributeValue> => ({
  keys: {
    L: states.map((state, slot) => ({
      M: {
        id: { S: `k_${slot}` },
        state: { S: state },
        since: { S: `2026-11-0${slot + 1}T00:00:00.000Z` },
      },
    })),
  },
});

const changed = (before: readonly string[], after: readonly string[]): DynamoDBRecord => {
  const record = claimRecord('MODIFY', 'a.example');
  Object.assign(record.dynamodb!.NewImage!, ring(...after));
  record.dynamodb!.OldImage = { ...claimImage('a.example', s1), ...ring(...before) };
  return record;
};

describe('a revoked key', () => {
  test('has a queue of its own, and the publish queue too', async () => {
    const service = new ClaimChangeRouterService();
    await service.routeChanges(
      claimRecord('MODIFY', 'b.example'),
      changed(['current', 'next', 'spare'], ['revoked', 'current', 'next']),
    );
    const labels = [labelOf('a.example')];
    expect(service.revocationQueue.take()).toEqual([
      {
        request: { shard: s1, labels, revokedAt: '2026-11-01T00:00:00.000Z' },
        delaySeconds: 0,
      },
    ]);
    expect(service.published()).toEqual([{ shard: s1, labels: [...labels, labelOf('b.example')] }]);
  });

  test('that was revoked before is not taken for one that is revoked now', async () => {
    const service = new ClaimChangeRouterService();
    await service.routeChanges(
      changed(['revoked', 'current', 'next'], ['revoked', 'current', 'next']),
    );
    expect(service.revocationQueue.take()).toEqual([]);
    await service.routeChanges(
      changed(['revoked', 'current', 'next'], ['revoked', 'revoked', 'current']),
    );
    expect(service.revocationQueue.take()).toMatchObject([
      { request: { revokedAt: '2026-11-02T00:00:00.000Z' } },
    ]);
  });
});

describe('grouping', () => {
  test('puts each label once into one request for its shard', async () => {
    const service = new ClaimChangeRouterService();
    await service.routeChanges(
      claimRecord('INSERT', 'b.example'),
      claimRecord('INSERT', 'a.example', s2),
      claimRecord('MODIFY', 'b.example'),
      claimRecord('INSERT', 'c.example'),
    );

    expect(service.published()).toEqual([
      { shard: s1, labels: [labelOf('b.example'), labelOf('c.example')] },
      { shard: s2, labels: [labelOf('a.example')] },
    ]);
    expect(service.identityQueue.take()).toHaveLength(3);
  });

  test('bounds a request to 200 labels', async () => {
    const service = new ClaimChangeRouterService();
    const letters = 'bcdefghijklmnopqrstuvwxyz'.split('');
    const domains = letters.flatMap((first) =>
      letters.map((second) => `${first}${second}.example`),
    );
    await service.routeChanges(
      ...domains.slice(0, 450).map((domain) => claimRecord('MODIFY', domain)),
    );

    const requests = service.published();
    expect(requests.map(({ labels }) => labels.length)).toEqual([200, 200, 50]);
    expect(new Set(requests.flatMap(({ labels }) => labels)).size).toBe(450);
  });
});

describe('a batch that comes again', () => {
  test('is dropped by the FIFO queue where it is the same batch', async () => {
    const service = new ClaimChangeRouterService();
    const records = [claimRecord('INSERT', 'a.example'), claimRecord('MODIFY', 'a.example')];
    await service.routeChanges(...records);
    await service.routeChanges(...records);

    expect(service.published()).toHaveLength(1);
  });

  test('is not mistaken for another change of the same claim', async () => {
    const service = new ClaimChangeRouterService();
    for (let change = 1; change <= 3; change += 1) {
      await service.routeChanges(claimRecord('MODIFY', 'a.example'));
    }
    expect(service.published()).toHaveLength(3);
  });

  test('passes on what a part of the batch, delivered by itself, asks for', async () => {
    const service = new ClaimChangeRouterService();
    const [first, second] = [
      claimRecord('MODIFY', 'a.example'),
      claimRecord('MODIFY', 'b.example'),
    ];
    await service.routeChanges(first, second);
    await service.routeChanges(second);

    expect(service.published().map(({ labels }) => labels.length)).toEqual([2, 1]);
  });
});

describe('failures', () => {
  test('begin the batch again at the first record that was not passed on', async () => {
    const service = new ClaimChangeRouterService();
    const records = [
      streamRecord('MODIFY', 'domain#a.example', 'holder', {}),
      claimRecord('MODIFY', 'a.example'),
      claimRecord('INSERT', 'b.example'),
    ];
    service.publishQueue.failing.push(new Error('SQS is out'));
    expect(await service.routeChanges(...records)).toBe(sequenceOf(records[1]!));
    expect(service.failures).toEqual(['queueing claims to be published: Error: SQS is out']);
    // The others went out all the same.
    expect(service.identityQueue.take()).toHaveLength(1);
    expect(service.checkQueue.take()).toHaveLength(1);

    service.identityQueue.failing.push(new Error('SQS is out'));
    expect(await service.routeChanges(...records)).toBe(sequenceOf(records[2]!));

    service.checkQueue.failing.push(new Error('SQS is out'));
    expect(await service.routeChanges(...records)).toBe(sequenceOf(records[2]!));
    expect(await service.routeChanges(...records)).toBeUndefined();
  });

  test('of one unreadable record keep back none of the others', async () => {
    const service = new ClaimChangeRouterService();
    const broken = streamRecord('MODIFY', 'tenant#t_one', 'claim#broken.example', {});
    const records = [
      claimRecord('MODIFY', 'a.example'),
      broken,
      claimRecord('MODIFY', 'b.example'),
    ];

    expect(await service.routeChanges(...records)).toBe(sequenceOf(broken));

    expect(service.published()[0]!.labels).toHaveLength(2);
    expect(service.failures[0]).toContain('no text at shard');
  });
});
