import type { DynamoDBRecord } from 'aws-lambda';
import { periodOf } from '#shared/core/model/rotation.ts';
import type { InsyncRequest, PublishRequest } from '#shared/app/ports/queues.ts';
import type { RotationRateLimiter } from '#shared/app/ports/rotation-rate-limiter.ts';
import type { RotationBacklog } from '#shared/app/ports/rotation-backlog.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import type { ZoneLeases } from '#shared/app/ports/zone-leases.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { RotationRuns } from '#shared/app/ports/rotation-runs.ts';
import { pollAll } from '../../lambdas/insync/poll.ts';
import { publishAll } from '../../lambdas/publisher/publish-all.ts';
import { routeChanges } from '../../lambdas/claim-change-router/route-changes.ts';
import { advance, begin } from '../../lambdas/rotation-planner/advance.ts';
import type { PlannerPorts } from '../../lambdas/rotation-planner/ports.ts';
import type { WorkerPorts } from '../../lambdas/rotation-worker/ports.ts';
import { workAll } from '../../lambdas/rotation-worker/work.ts';
import { MemoryRotationBacklog } from '../../test/fakes/rotation-backlog.ts';
import { MemoryRotationRateLimiter } from '../../test/fakes/rotation-rate-limiter.ts';
import { MemoryRotationRuns } from '../../test/fakes/rotation-runs.ts';
import { MemoryZoneLeases } from '../../test/fakes/zone-leases.ts';
import { Kms, Route53, Tables } from './aws.ts';
import { Bill } from './bill.ts';
import { Domains, START } from './domains.ts';
import { Lambda, SimulatedQueue } from './lambda.ts';
import { VirtualTime } from '../../test/support/virtual-time.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** A share of 80% of the 20 RSA-2048 pairs that KMS makes a second, as infra/config.ts has it. */
export const CLAIMS_PER_SECOND = 16;
const WATCH_MINUTES = 60;
/** The stream of a table of many gigabytes comes in several shards, each read once a second. */
const STREAM_SHARDS = 4;
const STREAM_BATCH = 100;

export interface Simulated {
  readonly domains: number;
  readonly bill: Bill;
  /** Seconds from the schedule to the end of the run, and to the last record INSYNC. */
  readonly runSeconds: number;
  readonly publishedSeconds: number;
  /** Seconds of these in which mail was watched, so that nothing was to be done. */
  readonly watchedSeconds: number;
  readonly rotated: number;
  /** The most claims that were under way at a time. */
  readonly mostHeld: number;
}

/** One monthly run over so many domains: the real functions on virtual time and AWS's quotas. */
export async function simulate(count: number): Promise<Simulated> {
  const time = new VirtualTime(START);
  const bill = new Bill();
  const domains = new Domains(count);
  const around = { time, bill, domains };
  const tables = new Tables(around);
  const kms = new Kms(around);
  const zone = new Route53(around);
  const kept = new MemoryRotationRuns();
  let watched = 0;
  const save = kept.save.bind(kept);
  kept.save = async (run) => {
    const before = kept.runs.get(run.period);
    if (before?.stage === 'watching') watched += time.now - Date.parse(before.stageSince);
    await save(run);
  };
  const runs = charged<RotationRuns>(kept, tables, {
    latest: { reads: 1 },
    progress: { reads: 1 },
    count: { writes: 2 * 2 },
    save: { writes: 1 },
  });
  const [workerLambda, publisherLambda, insyncLambda, claimChangeRouterLambda, plannerLambda] = [
    512, 512, 256, 256, 512,
  ].map((megabytes) => new Lambda(around, megabytes)) as [Lambda, Lambda, Lambda, Lambda, Lambda];
  let finishedAt = 0;

  const insyncQueue: SimulatedQueue<InsyncRequest> = new SimulatedQueue(around, {
    batchSize: 10,
    concurrency: 2,
    handle: (bodies) =>
      insyncLambda.invoke(() =>
        pollAll(
          {
            publications: tables.publications,
            zone,
            insyncQueue,
            clock: time.clock,
            publishHostedEvents: async () => {},
            log: (event) => {
              if (event.kind === 'failed') throw event.error;
            },
          },
          bodies,
        ),
      ),
  });
  const leases = charged<ZoneLeases>(new MemoryZoneLeases(), tables, {
    take: { writes: 1 },
    release: { writes: 1 },
  });
  const publishQueue: SimulatedQueue<PublishRequest> = new SimulatedQueue(around, {
    batchSize: 10,
    concurrency: 5,
    handle: (bodies) =>
      publisherLambda.invoke(() =>
        publishAll(
          {
            deployment: domains.deployment,
            claims: tables.claims,
            publications: tables.publications,
            revokedKeys: tables.revokedKeys,
            zone,
            leases,
            publishQueue,
            revocationQueue: { send: async () => {} },
            insyncQueue,
            clock: time.clock,
            sleep: time.sleep,
            random: time.random,
            newName: () => 'publisher',
            isOutage: (error) => error instanceof Throttled,
            log: (event) => {
              if (event.kind === 'failed') throw event.error;
            },
          },
          bodies,
          time.now + 40_000,
        ),
      ),
  });
  const rotationQueue: SimulatedQueue<RotationRequest> = new SimulatedQueue(around, {
    batchSize: 1,
    concurrency: 5,
    handle: (bodies) => workerLambda.invoke(() => workAll(worker, bodies, time.now + 180_000)),
  });
  const worker: WorkerPorts = {
    claims: tables.claims,
    publications: tables.publications,
    revokedKeys: tables.revokedKeys,
    backlog: charged<RotationBacklog>(new MemoryRotationBacklog(), tables, {
      get: { reads: 38 },
    }),
    runs,
    rateLimiter: charged<RotationRateLimiter>(new MemoryRotationRateLimiter(), tables, {
      reserve: { writes: 1 },
    }),
    claimsPerSecond: CLAIMS_PER_SECOND,
    resolver: tables.resolver,
    forge: kms,
    rotationQueue,
    checks: { schedule: async () => {} },
    retryTime: time,
    random: { bytes: distinctBytes() },
    isOutage: () => false,
    log: (event) => {
      if (event.kind === 'faulty' || event.kind === 'request-failed') throw event.error;
    },
  };
  const planner: PlannerPorts = {
    deployment: domains.deployment,
    claims: tables.claims,
    publications: tables.publications,
    runs,
    backlog: worker.backlog,
    rotationQueue,
    clock: time.clock,
    sleep: time.sleep,
    settings: {
      ownDomains: [],
      claimsPerSecond: CLAIMS_PER_SECOND,
      watchMinutes: WATCH_MINUTES,
    },
    log: (event) => {
      if (event.kind === 'finished') finishedAt = time.now;
      if (event.kind === 'halted' || event.kind === 'stalled') throw new Error(event.kind);
    },
  };

  const start = time.now;
  const tick = (): void => {
    if (finishedAt > 0) return;
    void plannerLambda.invoke(() => advance(planner, time.now + 58_000));
    time.at(time.now + MINUTE_MS, tick);
  };
  const shards = Array.from({ length: STREAM_SHARDS }, (): DynamoDBRecord[] => []);
  const read = (): void => {
    for (const record of tables.stream.splice(0)) {
      shards[Number(record.dynamodb!.SequenceNumber) % STREAM_SHARDS]!.push(record);
    }
    for (const shard of shards) {
      while (shard.length > 0) {
        const records = shard.splice(0, STREAM_BATCH);
        void claimChangeRouterLambda.invoke(() =>
          routeChanges(
            {
              publishQueue,
              revocationQueue: { send: async () => {} },
              identityQueue: { send: async () => {} },
              checkQueue: { send: async () => {} },
              log: ({ error }) => {
                throw error;
              },
            },
            records,
          ),
        );
      }
    }
    if (finishedAt === 0 || time.now < finishedAt + 10 * MINUTE_MS) time.at(time.now + 1_000, read);
  };

  void begin(planner, periodOf(START)).then(tick);
  read();
  await time.runUntil(() => finishedAt > 0 && time.now > finishedAt + 10 * MINUTE_MS);
  return {
    domains: count,
    bill,
    runSeconds: (finishedAt - start) / 1_000,
    publishedSeconds: (tables.lastSettledAt - start) / 1_000,
    watchedSeconds: watched / 1_000,
    rotated: tables.rotated,
    mostHeld: tables.mostHeld,
  };
}

type Units = Parameters<Tables['call']>[0];

/** A store in memory whose calls take their time and are billed. */
function charged<Store extends object>(
  store: Store,
  tables: Tables,
  prices: Partial<Record<keyof Store, Units>>,
): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await tables.call(prices[name as keyof Store] ?? {});
        return method.apply(target, args);
      };
    },
  });
}

/** Bytes that no other call gives. */
function distinctBytes(): (size: number) => Uint8Array {
  let calls = 0;
  return (size) => {
    calls += 1;
    const bytes = new Uint8Array(size);
    new DataView(bytes.buffer).setUint32(0, calls);
    return bytes;
  };
}
