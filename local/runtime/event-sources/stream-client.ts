import * as z from 'zod';
import { callJson, type Caller } from '../aws-call.ts';

const shard = z.object({
  ShardId: z.string(),
  ParentShardId: z.string().optional(),
  SequenceNumberRange: z.object({
    StartingSequenceNumber: z.string().optional(),
    EndingSequenceNumber: z.string().optional(),
  }),
});

const record = z.looseObject({
  eventID: z.string(),
  eventName: z.string(),
  awsRegion: z.string(),
  dynamodb: z.looseObject({
    SequenceNumber: z.string(),
    /** Seconds since 1970. */
    ApproximateCreationDateTime: z.number(),
  }),
});

export type Shard = z.infer<typeof shard>;
export type StreamRecord = z.infer<typeof record>;

/** Reads a DynamoDB stream over the wire; the SDK's client for it is not among the dependencies. */
export interface StreamClient {
  shards(streamArn: string): Promise<Shard[]>;
  /** @param after the sequence number to go on behind; undefined: from the oldest record */
  iterator(streamArn: string, shardId: string, after: string | undefined): Promise<string>;
  /** @returns `next` undefined at the end of a closed shard */
  records(iterator: string, limit: number): Promise<{ records: StreamRecord[]; next?: string }>;
}

/** @param caller the function that reads, as Lambda reads with its role */
export function streamClient(caller: Caller): StreamClient {
  const call = async <Output>(
    operation: string,
    input: object,
    output: z.ZodType<Output>,
  ): Promise<Output> =>
    output.parse(
      await callJson(caller, 'dynamodb', `DynamoDBStreams_20120810.${operation}`, input),
    );
  return {
    async shards(streamArn) {
      const all: Shard[] = [];
      let from: string | undefined;
      do {
        const { StreamDescription } = await call(
          'DescribeStream',
          { StreamArn: streamArn, ...(from && { ExclusiveStartShardId: from }) },
          z.object({
            StreamDescription: z.object({
              Shards: z.array(shard),
              LastEvaluatedShardId: z.string().optional(),
            }),
          }),
        );
        all.push(...StreamDescription.Shards);
        from = StreamDescription.LastEvaluatedShardId;
      } while (from !== undefined);
      return all;
    },
    async iterator(streamArn, shardId, after) {
      const { ShardIterator } = await call(
        'GetShardIterator',
        {
          StreamArn: streamArn,
          ShardId: shardId,
          ...(after === undefined
            ? { ShardIteratorType: 'TRIM_HORIZON' }
            : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }),
        },
        z.object({ ShardIterator: z.string() }),
      );
      return ShardIterator;
    },
    async records(iterator, limit) {
      const { Records, NextShardIterator } = await call(
        'GetRecords',
        { ShardIterator: iterator, Limit: Math.min(limit, 1000) },
        z.object({
          Records: z.array(record),
          NextShardIterator: z.string().nullish(),
        }),
      );
      return { records: Records, ...(NextShardIterator && { next: NextShardIterator }) };
    },
  };
}
