import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { withRevoked } from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import type { PublishRequest } from '#shared/app/ports/queues.ts';
import type { PublisherPorts } from '../../../../lambdas/publisher/ports.ts';
import { desired, PublisherService } from './service.ts';

/** The ports of the publisher that do I/O. */
const dependencies = [
  'claims',
  'publications',
  'revokedKeys',
  'leases',
  'zone',
  'insyncQueue',
  'publishQueue',
  'revocationQueue',
] as const satisfies readonly (keyof PublisherPorts)[];

const SECOND_MS = 1_000;
/** An attempt on a service that hangs, with the SDK's own retries. */
const HANG_MS = 16 * SECOND_MS;
/** Lambda's timeout of the function, and the seconds at its end in which no work begins. */
const TIMEOUT_MS = 60 * SECOND_MS;

const connectionRefused = () =>
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const internalError = () =>
  Object.assign(new Error('internal'), {
    $fault: 'server',
    $metadata: { httpStatusCode: 500 },
  });
const timeout = () => Object.assign(new Error('no answer'), { name: 'TimeoutError' });

/** How a service fails while it is out. */
interface Outage {
  readonly error: () => Error;
  /** Milliseconds until it fails. */
  readonly after: number;
}
const outages: Readonly<Record<string, Outage>> = {
  'refuses connections': { error: connectionRefused, after: 0 },
  'answers 500': { error: internalError, after: 200 },
  hangs: { error: timeout, after: HANG_MS },
};

let service: PublisherService;
let claim: Claim;
beforeEach(async () => {
  service = new PublisherService();
  claim = await service.givenClaim();
});
const now = () => service.time.clock.now().getTime();

/** The publisher's ports, of which some are out whenever `isOut` says so. */
function portsWith(
  names: readonly (keyof PublisherPorts)[],
  isOut: () => boolean,
  { error, after }: Outage = outages['answers 500']!,
): PublisherPorts {
  const out = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...values: unknown[]) => {
          if (!isOut()) return Reflect.apply(member, target, values) as unknown;
          service.time.advance(after);
          throw error();
        };
      },
    });
  const replaced = names.map((name) => [name, out(service.ports[name] as object)]);
  return { ...service.ports, ...(Object.fromEntries(replaced) as Partial<PublisherPorts>) };
}

/** Delivers requests, and what is queued again, until nothing is left; FIFO has no delay. */
async function deliverAll(requests: readonly PublishRequest[], ports: PublisherPorts) {
  let waiting = [...requests];
  for (let deliveries = 1; waiting.length > 0; deliveries += 1) {
    const began = now();
    expect(await service.deliver(waiting, ports)).toEqual([]);
    expect(now() - began).toBeLessThan(TIMEOUT_MS);
    const delayed = service.revocationQueue.take();
    service.time.advance(Math.max(0, ...delayed.map(({ delaySeconds }) => delaySeconds)) * 1_000);
    waiting = [...delayed, ...service.publishQueue.take()].map(({ request }) => request);
    expect(deliveries).toBeLessThan(100);
  }
}

/** Each record is in the zone, is noted, and its change is polled until INSYNC. */
function expectPublished(of: Claim): void {
  const records = desired(of);
  expect(service.published(of)).toEqual(records);
  const { records: noted, pending, uncertainSince } = service.publication(of)!;
  expect(noted).toHaveLength(records.length);
  expect(uncertainSince).toBeUndefined();
  const polled = service.insyncQueue.sent
    .filter(({ request }) => request.labels.includes(of.label))
    .map(({ request }) => request.changeId);
  for (const { changeId } of Object.values(pending)) expect(polled).toContain(changeId);
}

const request = (of: Claim, more: Partial<PublishRequest> = {}): PublishRequest => ({
  shard: of.shard,
  labels: [of.label],
  ...more,
});

async function revoke(of: Claim): Promise<PublishRequest> {
  const id: KeyId = of.keys[0].id;
  const revokedAt = service.time.clock.now().toISOString();
  await service.revokedKeys.add(id, revokedAt);
  claim = await service.change(of, { keys: withRevoked(of.keys, new Set([id]), revokedAt) });
  return request(claim, { revokedAt });
}

test('every port of the publisher that does I/O is among the outages', () => {
  const pure = ['deployment', 'clock', 'sleep', 'random', 'newName', 'isOutage', 'log'];
  expect([...dependencies, ...pure].toSorted()).toEqual(Object.keys(service.ports).toSorted());
});

describe.each(dependencies)('while %s', (dependency) => {
  describe.each(Object.entries(outages))('%s', (_, outage) => {
    test.each([5, 45, 400])(
      'for %i s, no message is returned, and all is published within 30 s of its return',
      async (seconds) => {
        const until = now() + seconds * SECOND_MS;
        const revocation = await revoke(claim);
        // The queue that these are sent to again is there; the test below has both out.
        const requests = dependency === 'revocationQueue' ? [request(claim)] : [revocation];
        const ports = portsWith([dependency], () => now() < until, outage);

        await deliverAll(requests, ports);

        expectPublished(claim);
        expect(now()).toBeLessThanOrEqual(until + 30 * SECOND_MS);
      },
    );
  });

  test('from its first, second ... call on, nothing is lost', async () => {
    for (let call = 1; ; call += 1) {
      service = new PublisherService();
      claim = await service.givenClaim();
      let calls = 0;
      let until: number | undefined;
      const isOut = () => {
        calls += 1;
        if (calls === call) until = now() + 5 * SECOND_MS;
        return until !== undefined && now() < until;
      };
      await deliverAll([request(claim)], portsWith([dependency], isOut));
      expectPublished(claim);
      if (until === undefined) break;
      expect(calls).toBeGreaterThanOrEqual(call);
    }
  });
});

describe('a message is returned only where it cannot be queued again', () => {
  test.each([
    ['publishQueue', () => request(claim)],
    ['revocationQueue', () => revoke(claim)],
  ] as const)('%s', async (queue, made) => {
    const sent = await made();
    const ports = portsWith(['publications', queue], () => true);
    expect(await service.deliver([sent], ports)).toEqual([0]);

    // Nothing is lost: it comes again.
    expect(await service.deliver([sent])).toEqual([]);
    expectPublished(claim);
  });

  test('for a fault that waiting does not cure', async () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const ports = portsWith(['publications'], () => true, { error: () => denied, after: 0 });
    expect(await service.deliver([request(claim)], ports)).toEqual([0]);
  });
});

test('the tables out for 5 s, three times: a revoked key and a new domain are right within 30 s of each return', async () => {
  const tables = ['claims', 'publications', 'revokedKeys', 'leases'] as const;
  await service.publish(claim);
  let until = 0;
  const ports = portsWith(tables, () => now() < until);
  const waited: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    const fresh = await service.givenClaim();
    const revocation = await revoke(await service.givenClaim());
    until = now() + 5 * SECOND_MS;
    await deliverAll([revocation], ports);
    await deliverAll([request(fresh)], ports);

    expectPublished(claim);
    expectPublished(fresh);
    waited.push(now() - until);
  }
  expect(Math.max(...waited)).toBeLessThanOrEqual(30 * SECOND_MS);
});
