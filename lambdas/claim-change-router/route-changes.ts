import { createHash } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import {
  publishRequests,
  type CheckRequest,
  type IdentityRequest,
  type PublishRequest,
  type Queue,
} from '#shared/app/ports/queues.ts';
import { sendIdentityRequests } from '#shared/app/identity-views.ts';
import { changeRequestsOf, type ChangeRequests } from './change-requests.ts';

export interface ClaimChangeRouterPorts {
  readonly publishQueue: Queue<PublishRequest>;
  readonly revocationQueue: Queue<PublishRequest>;
  readonly identityQueue: Queue<IdentityRequest>;
  readonly checkQueue: Queue<CheckRequest>;
  /** Gets each failure; the records from the first one on come again. */
  readonly log: (failure: { what: string; error: unknown }) => void;
}

/** A customer who copies the records at once, and our own, get the time to be seen. */
const FIRST_CHECK_SECONDS = 5;

interface ChangeRequest extends ChangeRequests {
  readonly index: number;
  /** Each change of one item has its own, so that it separates two requests about one claim. */
  readonly sequenceNumber: string;
}

/**
 * Turns a batch of the claims table's stream into requests: the labels to publish per shard, those
 * with a revoked key by a queue of their own, the claims for their turns at SES and for first
 * checks. All of it may be sent twice; the reconciler
 * finds requests lost in spite of the stream's retries within a day.
 *
 * @returns the sequence number from which the batch must come again, undefined where all went well
 */
export async function routeChanges(
  ports: ClaimChangeRouterPorts,
  records: readonly DynamoDBRecord[],
): Promise<string | undefined> {
  const failed: number[] = [];
  const changeRequests: ChangeRequest[] = [];
  for (const [index, record] of records.entries()) {
    try {
      const sequenceNumber = record.dynamodb?.SequenceNumber ?? '';
      changeRequests.push({ ...changeRequestsOf(record), index, sequenceNumber });
    } catch (error) {
      ports.log({ what: 'reading a stream record', error });
      failed.push(index);
    }
  }
  await Promise.all(
    [sendRevocations, sendPublish, sendIdentity, sendChecks].map(async (send) => {
      const first = changeRequests.findIndex((request) => send.concerns(request));
      if (first === -1) return;
      try {
        await send.all(ports, changeRequests.filter(send.concerns));
      } catch (error) {
        ports.log({ what: send.what, error });
        failed.push((changeRequests[first] as ChangeRequest).index);
      }
    }),
  );
  if (failed.length === 0) return undefined;
  return records[Math.min(...failed)]?.dynamodb?.SequenceNumber ?? '';
}

/** The publish queue gets them too, so that one whose own message fails is not forgotten. */
const sendRevocations = {
  what: 'queueing revoked keys to be taken out of DNS',
  concerns: ({ revokedAt }: ChangeRequest) => revokedAt !== undefined,
  async all(
    { revocationQueue }: ClaimChangeRouterPorts,
    changeRequests: readonly ChangeRequest[],
  ): Promise<void> {
    const requests = [...Map.groupBy(changeRequests, ({ publish }) => publish?.shard)].flatMap(
      ([shard, some]) => {
        if (shard === undefined) return [];
        const labels = some.flatMap(({ publish }) => publish?.label ?? []);
        const [revokedAt] = some.flatMap((request) => request.revokedAt ?? []).toSorted();
        return publishRequests(shard, labels, { revokedAt });
      },
    );
    await revocationQueue.send(requests);
  },
};

const sendPublish = {
  what: 'queueing claims to be published',
  concerns: ({ publish }: ChangeRequest) => publish !== undefined,
  async all(
    { publishQueue }: ClaimChangeRouterPorts,
    changeRequests: readonly ChangeRequest[],
  ): Promise<void> {
    const changes = new Map<Label, string[]>();
    const shards = new Map<ShardName, Set<Label>>();
    for (const { publish, sequenceNumber } of changeRequests) {
      if (publish === undefined) continue;
      const { shard, label } = publish;
      changes.set(label, [...(changes.get(label) ?? []), sequenceNumber]);
      shards.set(shard, (shards.get(shard) ?? new Set()).add(label));
    }
    const requests = [...shards].flatMap(([shard, labels]) => publishRequests(shard, labels));
    await publishQueue.send(requests, {
      group: ({ shard }) => shard,
      // The same labels for the same changes: only a repeated delivery of this batch has that id.
      deduplicationId: ({ shard, labels }) =>
        digest([shard, ...labels.map((label) => [label, changes.get(label)])]),
    });
  },
};

const sendIdentity = {
  what: 'queueing claims for their turn at SES',
  concerns: ({ identity }: ChangeRequest) => identity !== undefined,
  async all(
    { identityQueue }: ClaimChangeRouterPorts,
    changeRequests: readonly ChangeRequest[],
  ): Promise<void> {
    const requests = changeRequests.flatMap(({ identity }) => identity ?? []);
    const distinct = new Map(requests.map((request) => [request.claim?.label, request]));
    await sendIdentityRequests(identityQueue, [...distinct.values()]);
  },
};

const sendChecks = {
  what: 'queueing new claims to be checked',
  concerns: ({ check }: ChangeRequest) => check !== undefined,
  async all(
    { checkQueue }: ClaimChangeRouterPorts,
    changeRequests: readonly ChangeRequest[],
  ): Promise<void> {
    await checkQueue.send(
      changeRequests.flatMap(({ check }) => check ?? []),
      { delaySeconds: FIRST_CHECK_SECONDS },
    );
  },
};

const digest = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex');
