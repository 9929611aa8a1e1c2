import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signedCopy } from '../../../../lambdas/signer/signed-copy.ts';
import {
  postSendVerification,
  type PostSendVerification,
} from '../../../../lambdas/signer/post-send-verification.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { FakeDns } from '../../../fakes/resolver.ts';
import { MemoryRotationRuns } from '../../../fakes/rotation-runs.ts';

const pairOf = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  return { privateKey, record: `v=DKIM1; k=rsa; p=${spki}` };
};
const [pair, other] = [pairOf(), pairOf()];
const rotatedAt = '2026-11-01T03:00:10.000Z';
const period = '2026-11';

let now: Date;
let dns: FakeDns;
let runs: MemoryRotationRuns;
let queue: MemoryQueue<RepairRequest>;
let logged: string[];
let watch: PostSendVerification;

beforeEach(() => {
  now = new Date('2026-11-01T04:00:00.000Z');
  dns = new FakeDns();
  runs = new MemoryRotationRuns();
  queue = new MemoryQueue();
  logged = [];
  const log = (message: string) => void logged.push(message);
  watch = postSendVerification({
    resolver: dns,
    runs,
    rotationQueue: queue,
    clock: { now: () => now },
    log: { info: log, warn: log, error: log },
  });
});

/** A claim that the second wave of this month's run has moved to its slot `one`. */
function givenRotated(changes: Partial<Claim> = {}): Claim {
  const claim = givenClaim({ rotated: { period, wave: 2, at: rotatedAt }, ...changes });
  const keys = claim.keys.map((key, index) =>
    index === 1 ? { ...key, state: 'current', since: rotatedAt } : key,
  ) as unknown as Claim['keys'];
  return { ...claim, keys };
}

const current = (claim: Claim): RingKey => claim.keys[1];
const publish = (...texts: string[]) =>
  dns.zone(
    'example.com',
    texts.map((value) => ({ name: 'one._domainkey.example.com', type: 'TXT', value })),
  );

async function send(claim: Claim): Promise<void> {
  const raw = Buffer.from(
    `From: a@${claim.domain}\r\nTo: b@example.net\r\nSubject: x\r\n\r\nx\r\n`,
  );
  const key = { selector: 'one', key: pair.privateKey };
  watch.sent(
    signedCopy(raw, { domain: claim.domain, signingKey: key, profile: sesProfile, now }),
    claim,
    current(claim),
  );
  await watch.settle();
}

const counted = async () => {
  const { verified, unverified } = (await runs.progress(period)).waves[2]!;
  return { verified, unverified };
};

describe('the first mail signed with a key of the run', () => {
  test('that verifies against public DNS counts for its wave', async () => {
    publish(pair.record);
    await send(givenRotated());
    expect(await counted()).toEqual({ verified: 1, unverified: 0 });
    expect(queue.take()).toEqual([]);
  });

  test.each([
    ['another key', () => publish(other.record)],
    ['a revoked one', () => publish('v=DKIM1; k=rsa; p=')],
    ['no record', () => publish()],
    ['two records', () => publish(pair.record, other.record)],
  ])('fails where DNS has %s, and requests a check of the ring', async (_what, plant) => {
    plant();
    const claim = givenRotated();
    await send(claim);
    expect(await counted()).toEqual({ verified: 0, unverified: 1 });
    expect(queue.take().map(({ request }) => request)).toEqual([
      { kind: 'mend', shard: claim.shard, label: claim.label },
    ]);
    expect(logged).toContain('a sent mail does not verify');
  });

  test('counts for nothing where DNS does not answer', async () => {
    publish(pair.record);
    dns.silence('example.com');
    await send(givenRotated());
    expect(await counted()).toEqual({ verified: 0, unverified: 0 });
    expect(logged).toEqual(['a sent mail could not be verified']);
  });
});

describe('no query is made', () => {
  beforeEach(() => publish(pair.record));

  test('for a further mail with the same key, but after 20 minutes in the first hours', async () => {
    const claim = givenRotated();
    await send(claim);
    const asked = dns.asked.length;
    now = new Date('2026-11-01T04:19:59.000Z');
    await send(claim);
    expect(dns.asked).toHaveLength(asked);
    now = new Date('2026-11-01T04:20:00.000Z');
    await send(claim);
    expect(await counted()).toEqual({ verified: 2, unverified: 0 });
    now = new Date('2026-11-01T06:30:00.000Z');
    await send(claim);
    expect(await counted()).toEqual({ verified: 2, unverified: 0 });
  });

  test.each<[string, () => Claim]>([
    [
      'that has signed for three days',
      () => {
        now = new Date('2026-11-04T03:00:11.000Z');
        return givenRotated();
      },
    ],
    ['that no run promoted', () => givenRotated({ rotated: { period, at: rotatedAt } })],
    ['of a claim that never rotated', () => ({ ...givenRotated(), rotated: undefined })],
    [
      'that signing moved to later',
      () => givenRotated({ rotated: { period, wave: 2, at: '2026-11-01T03:00:00.000Z' } }),
    ],
  ])('within an hour of the last, for a key %s; no run counts it', async (_what, given) => {
    const claim = given();
    await send(claim);
    expect(dns.asked).toHaveLength(1);
    now = new Date(now.getTime() + 3_599_999);
    await send(claim);
    expect(dns.asked).toHaveLength(1);
    publish(other.record);
    now = new Date(now.getTime() + 1);
    await send(claim);
    expect(queue.take()).toHaveLength(1);
    expect(logged).toEqual(['a sent mail does not verify']);
    expect(await counted()).toEqual({ verified: 0, unverified: 0 });
  });
});

test('a count that cannot be made fails nothing', async () => {
  publish(pair.record);
  runs.countSample = () => Promise.reject(new Error('DynamoDB is out'));
  await send(givenRotated());
  expect(logged).toEqual(['a sent mail could not be verified']);
});
