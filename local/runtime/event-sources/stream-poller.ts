import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../lambda/environment.ts';
import { PAYLOAD_LIMIT } from '../lambda/function.ts';
import { failedItems } from './batch-result.ts';
import type { Checkpoints } from './checkpoints.ts';
import { withinPayload } from './queue-event.ts';
import type { Shard, StreamClient, StreamRecord } from './stream-client.ts';

/** The event-source mapping of a table's stream. */
export interface StreamMapping {
  /** Names the mapping's place in the stream across restarts. */
  readonly id: string;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly region: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  /** Halve a batch that failed, and try each half. */
  readonly bisects: boolean;
  /** -1: until the record's age is over. */
  readonly maximumRetries: number;
  /** Seconds; -1: no limit but the stream's own. */
  readonly maximumRecordAge: number;
  /** The start of a stream never read: at what is there, or at what comes. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
}

export interface StreamServices {
  readonly client: StreamClient;
  readonly checkpoints: Checkpoints;
  /** Returns the number of calls so far that may have changed a table. */
  readonly writes: () => number;
  readonly invoke: (payload: string) => Promise<Outcome & { readonly requestId: string }>;
  /**
   * Takes the description of a batch that was given up; undefined where there is no destination.
   */
  readonly giveUp: ((notice: string) => Promise<void>) | undefined;
  readonly log: (problem: string) => void;
}

/**
 * Milliseconds between polls for new records (Lambda polls four times a second) and for new shards.
 * While nothing is written the next poll is left out, but not for long: a table may have writers that
 * are not seen.
 */
const RECORD_PAUSE = 200;
const LONGEST_RECORD_PAUSE = 1000;
const SHARD_PAUSE = 5000;
/** Milliseconds before a failed batch is tried again: doubled each time, up to the second. */
const FIRST_RETRY = 200;
const LONGEST_RETRY = 10_000;

interface Batch {
  readonly records: readonly StreamRecord[];
  /** Tries so far. */
  readonly tries: number;
}

const sequenceNumber = (record: StreamRecord): string => record.dynamodb.SequenceNumber;
const arrival = (record: StreamRecord): string =>
  new Date(record.dynamodb.ApproximateCreationDateTime * 1000).toISOString();

/**
 * Reads the stream of a table and hands its records to a function, shard by shard and in order. A
 * failed batch is tried again until it is done or given up, so that no record is skipped. The
 * position is kept, so that a restart goes on there (records may then come twice).
 */
export class StreamPoller {
  readonly #mapping: StreamMapping;
  readonly #services: StreamServices;
  readonly #stopping = new AbortController();
  readonly #shards = new Map<string, Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  constructor(mapping: StreamMapping, services: StreamServices) {
    this.#mapping = mapping;
    this.#services = services;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Reads no more, and resolves when the batches under way are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#shards.values());
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pause(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#stopping.signal });
    } catch (error) {
      if (!this.#stopped) throw error;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        for (const shard of await this.#services.client.shards(this.#mapping.streamArn)) {
          if (!this.#shards.has(shard.ShardId)) {
            this.#shards.set(shard.ShardId, this.#readShard(shard));
          }
        }
      } catch (error) {
        this.#services.log(`${this.#mapping.streamArn}: ${(error as Error).message}`);
      }
      await this.#pause(SHARD_PAUSE);
    }
  }

  async #readShard(shard: Shard): Promise<void> {
    // The order of an item's changes holds across shards only if parents are read first.
    if (shard.ParentShardId !== undefined) await this.#shards.get(shard.ParentShardId);
    const place = `${this.#mapping.id}/${shard.ShardId}`;
    this.#begin(place, shard);
    while (!this.#stopped) {
      try {
        if (await this.#readToEnd(place, shard.ShardId)) return;
      } catch (error) {
        // An iterator is good for 15 minutes, and the stand-in may have been away.
        this.#services.log(`${this.#mapping.streamArn}: ${(error as Error).message}`);
        await this.#pause(SHARD_PAUSE);
      }
    }
  }

  #begin(place: string, { SequenceNumberRange: range }: Shard): void {
    const { checkpoints } = this.#services;
    const reached = checkpoints.get(place);
    const last = range.EndingSequenceNumber;
    if (reached === undefined && this.#mapping.startingPosition === 'LATEST' && last) {
      checkpoints.set(place, last);
    }
    // A stream that ends before the place that was reached is another one of the same name.
    if (reached !== undefined && last !== undefined && BigInt(last) < BigInt(reached)) {
      checkpoints.delete(place);
    }
  }

  /** @returns true if the shard is closed and done */
  async #readToEnd(place: string, shardId: string): Promise<boolean> {
    const { client, checkpoints } = this.#services;
    const { streamArn, batchSize, windowSeconds } = this.#mapping;
    let iterator: string | undefined = await client.iterator(
      streamArn,
      shardId,
      checkpoints.get(place),
    );
    while (iterator !== undefined && !this.#stopped) {
      const gathered: StreamRecord[] = [];
      let deadline = Infinity;
      while (iterator !== undefined && !this.#stopped && Date.now() < deadline) {
        const writes = this.#services.writes();
        const { records, next } = await client.records(iterator, batchSize - gathered.length);
        iterator = next;
        if (gathered.length === 0 && records.length > 0) {
          deadline = Date.now() + windowSeconds * 1000;
        }
        gathered.push(...records);
        if (gathered.length >= batchSize) break;
        if (records.length === 0) await this.#untilWritten(writes, deadline);
      }
      for (const records of withinPayload(gathered, PAYLOAD_LIMIT)) {
        await this.#process(place, shardId, records);
      }
    }
    return iterator === undefined;
  }

  /** Pauses until more than so many calls may have changed a table, or until the window is over. */
  async #untilWritten(writes: number, deadline: number): Promise<void> {
    for (let paused = 0; paused < LONGEST_RECORD_PAUSE; paused += RECORD_PAUSE) {
      await this.#pause(RECORD_PAUSE);
      if (this.#stopped || Date.now() >= deadline || this.#services.writes() !== writes) return;
    }
  }

  async #process(place: string, shardId: string, records: readonly StreamRecord[]): Promise<void> {
    const batches: Batch[] = [{ records, tries: 0 }];
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      if (this.#stopped) return;
      const outcome = await this.#services.invoke(this.#event(batch.records));
      const identifiers = batch.records.map(sequenceNumber);
      const failed = failedItems(outcome, identifiers, this.#mapping.reportsFailures);
      const first = identifiers.findIndex((identifier) => failed.has(identifier));
      const done = first === -1 ? identifiers.length : first;
      if (done > 0) this.#services.checkpoints.set(place, identifiers[done - 1] as string);
      if (first === -1) continue;
      // The end of the run may have cut it off: the next run tries these again.
      if (this.#stopped) return;
      const left = batch.records.slice(done);
      batches.unshift(
        ...(await this.#afterFailure(place, shardId, left, batch.tries + 1, outcome)),
      );
    }
  }

  /** @returns what to try next */
  async #afterFailure(
    place: string,
    shardId: string,
    records: readonly StreamRecord[],
    tries: number,
    outcome: Outcome & { readonly requestId: string },
  ): Promise<Batch[]> {
    const { bisects, maximumRetries } = this.#mapping;
    if (bisects && records.length > 1) {
      // Halving does not count as a try.
      const half = Math.ceil(records.length / 2);
      return [records.slice(0, half), records.slice(half)].map((part) => ({
        records: part,
        tries: tries - 1,
      }));
    }
    const condition = this.#isTooOld(records)
      ? 'RecordAgeExceeded'
      : maximumRetries !== -1 && tries > maximumRetries
        ? 'RetryAttemptsExhausted'
        : undefined;
    if (condition === undefined) {
      await this.#pause(Math.min(FIRST_RETRY * 2 ** (tries - 1), LONGEST_RETRY));
      return [{ records, tries }];
    }
    this.#services.log(
      `${this.#mapping.functionArn}: gave up ${records.length} records of ${this.#mapping.streamArn} (${condition})`,
    );
    await this.#services.giveUp?.(this.#notice(shardId, records, tries, condition, outcome));
    this.#services.checkpoints.set(place, sequenceNumber(records.at(-1) as StreamRecord));
    return [];
  }

  #isTooOld(records: readonly StreamRecord[]): boolean {
    const { maximumRecordAge } = this.#mapping;
    const oldest = records[0]?.dynamodb.ApproximateCreationDateTime ?? Infinity;
    return maximumRecordAge !== -1 && Date.now() / 1000 - oldest > maximumRecordAge;
  }

  #event(records: readonly StreamRecord[]): string {
    const { streamArn, region } = this.#mapping;
    return JSON.stringify({
      Records: records.map((record) => ({
        ...record,
        awsRegion: region,
        eventSourceARN: streamArn,
      })),
    });
  }

  /** Lambda's record of a batch that it gives up: where the records are, not their content. */
  #notice(
    shardId: string,
    records: readonly StreamRecord[],
    tries: number,
    condition: string,
    { requestId }: { readonly requestId: string },
  ): string {
    const [first, last] = [records[0] as StreamRecord, records.at(-1) as StreamRecord];
    return JSON.stringify({
      requestContext: {
        requestId,
        functionArn: this.#mapping.functionArn,
        condition,
        approximateInvokeCount: tries,
      },
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: 'Unhandled',
      },
      version: '1.0',
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: sequenceNumber(first),
        endSequenceNumber: sequenceNumber(last),
        approximateArrivalOfFirstRecord: arrival(first),
        approximateArrivalOfLastRecord: arrival(last),
        batchSize: records.length,
        streamArn: this.#mapping.streamArn,
      },
    });
  }
}
