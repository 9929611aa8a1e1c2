import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { withRevoked } from '#shared/core/model/key-ring.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import type { PublishRequest } from '#shared/app/ports/queues.ts';
import { throttled } from '../../../fakes/zone.ts';
import { desired, PublisherService, s1, s2 } from './service.ts';

let service: PublisherService;
/** Zones whose changes overlap; a zone has one writer. */
let overlaps: ShardName[];
beforeEach(() => {
  service = new PublisherService();
  overlaps = [];
  // Who sleeps lets all others go on.
  const sleep = async (milliseconds: number): Promise<void> => {
    await service.time.sleep(milliseconds);
    await turns(500);
  };
  Object.assign(service.ports, { sleep });
  const writing = new Set<ShardName>();
  const submit = service.zone.submit.bind(service.zone);
  service.zone.submit = async (shard, changes) => {
    if (writing.has(shard)) overlaps.push(shard);
    writing.add(shard);
    try {
      // Route 53 takes its time, and everybody else goes on meanwhile.
      await turns(50);
      service.time.advance(800);
      return await submit(shard, changes);
    } finally {
      writing.delete(shard);
    }
  };
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

const now = () => service.time.clock.now();

/** Claims whose records fill a batch of Route 53 with three of them. */
async function givenBigClaims(count: number, shard = s1): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (let index = 0; index < count; index += 1) {
    const claim = await service.givenClaim({ shard });
    const [zero, one, two] = claim.keys;
    const publicKey = 'A'.repeat(3_000);
    const keys = [
      { ...zero, publicKey },
      { ...one, publicKey },
      { ...two, publicKey },
    ] as const;
    claims.push(await service.change(claim, { keys }));
  }
  return claims;
}

/** Revokes the current key of a claim. @returns the claim and what its queue gets */
async function revoke(claim: Claim): Promise<{ claim: Claim; request: PublishRequest }> {
  const { id } = claim.keys[0];
  const revokedAt = now().toISOString();
  await service.revokedKeys.add(id, revokedAt);
  const revoked = await service.change(claim, {
    keys: withRevoked(claim.keys, new Set([id]), revokedAt),
  });
  return { claim: revoked, request: { shard: claim.shard, labels: [claim.label], revokedAt } };
}

/** Delivers until neither queue has anything left. */
async function deliverRest(): Promise<void> {
  for (let passes = 0; passes < 50; passes += 1) {
    const waiting = [...service.revocationQueue.take(), ...service.publishQueue.take()];
    if (waiting.length === 0) return;
    for (const { request } of waiting) expect(await service.deliver([request])).toEqual([]);
  }
  throw new Error('it never ends');
}

describe('a revocation', () => {
  test('overtakes the pass that is at its zone, which then goes on where it was', async () => {
    const compromised = await service.givenClaim();
    await service.publish(compromised);
    const others = await givenBigClaims(30);

    const ordinary = service.publish(...others);
    await turns(20);
    const { claim, request } = await revoke(compromised);
    expect(await service.deliver([request])).toEqual([]);

    expect(service.published(claim)).toEqual(desired(claim));
    const revokedAt = Date.parse(request.revokedAt!);
    expect(now().getTime() - revokedAt).toBeLessThan(60_000);
    expect(service.kinds()).not.toContain('revocation-late');
    // Some of the others have still to come.
    expect(others.filter((other) => service.published(other).length > 0).length).toBeLessThan(30);

    expect(await ordinary).toEqual([]);
    await deliverRest();
    for (const other of others) expect(service.published(other)).toEqual(desired(other));
    expect(overlaps).toEqual([]);
  });

  test('overtakes a pass that waits for a zone that throttles', async () => {
    const compromised = await service.givenClaim();
    await service.publish(compromised);
    const other = await service.givenClaim();
    let isThrottling = true;
    const submit = service.zone.submit.bind(service.zone);
    service.zone.submit = async (shard, changes) => {
      if (isThrottling) throw throttled();
      return submit(shard, changes);
    };
    const ordinary = service.publish(other);
    await turns(20);
    const { claim, request } = await revoke(compromised);
    const urgent = service.deliver([request]);
    isThrottling = false;
    expect(await urgent).toEqual([]);
    expect(await ordinary).toEqual([]);
    await deliverRest();
    expect(service.published(claim)).toEqual(desired(claim));
    expect(service.published(other)).toEqual(desired(other));
    expect(overlaps).toEqual([]);
  });

  test('waits for no publisher that died: its lease ends within 15 s', async () => {
    const compromised = await service.givenClaim();
    await service.leases.take(s1, {
      by: 'dead',
      now: now().getTime(),
      until: now().getTime() + 15_000,
      urgent: false,
    });
    const { claim, request } = await revoke(compromised);
    await service.deliver([request]);
    await deliverRest();
    expect(service.published(claim)).toEqual(desired(claim));
    expect(now().getTime() - Date.parse(request.revokedAt!)).toBeLessThan(30_000);
  });

  test('that takes over a minute is reported, while it waits and once it is published', async () => {
    const compromised = await service.givenClaim();
    const { claim, request } = await revoke(compromised);
    service.zone.failing.push(...Array.from({ length: 1_000 }, throttled));
    service.time.advance(30_000);
    await service.deliver([request]);
    expect(service.events.at(-1)).toMatchObject({ kind: 'revocation-late', waiting: 1 });
    const [again] = service.revocationQueue.take();
    expect(again).toMatchObject({
      request: { labels: [claim.label], revokedAt: request.revokedAt },
      delaySeconds: 1,
    });

    service.zone.failing.length = 0;
    await service.deliver([again!.request]);
    expect(service.events.at(-1)).toMatchObject({ kind: 'revocation-late', waiting: 0 });
    expect(service.published(claim)).toEqual(desired(claim));
  });

  test('is followed to INSYNC as one', async () => {
    const { request } = await revoke(await service.givenClaim());
    await service.deliver([request]);
    expect(service.insyncQueue.take()).toMatchObject([
      { request: { labels: request.labels, revokedAt: request.revokedAt } },
    ]);
  });
});

test('however many passes meet, a zone has one writer, and all is published', async () => {
  const claims = [...(await givenBigClaims(9)), ...(await givenBigClaims(6, s2))];
  const revoked = await Promise.all(claims.filter((_, index) => index % 3 === 0).map(revoke));
  const passes = [
    service.publish(...claims),
    ...revoked.map(({ request }) => service.deliver([request])),
  ];
  expect(await Promise.all(passes)).toEqual([[], ...revoked.map(() => [])]);
  await deliverRest();
  expect(overlaps).toEqual([]);
  for (const { claim } of revoked) expect(service.published(claim)).toEqual(desired(claim));
  for (const claim of claims) expect(service.published(claim)).toHaveLength(desired(claim).length);
});
