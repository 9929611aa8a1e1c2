import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { Label } from '#shared/core/model/names.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { hostedSpfName } from '#shared/core/records/kinds/spf/hosted.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { desired, PublisherService, s1, s2 } from './service.ts';

const textAt = (service: PublisherService, claim: Claim, name: string) =>
  service.published(claim).find((record) => record.name === name)?.values;

const withKey = (claim: Claim, publicKey: string): KeyRing => {
  const [zero, one, two] = claim.keys;
  return [{ ...zero, publicKey }, one, two];
};

/** Parts of a claim that together pass a batch's limit when they all change. */
const keysOf = (claim: Claim, text: string): KeyRing => {
  const [zero, one, two] = claim.keys;
  const publicKey = text.repeat(3_930);
  return [
    { ...zero, publicKey },
    { ...one, publicKey },
    { ...two, publicKey },
  ];
};
const dmarc = (letter: string): DmarcPolicy => ({
  p: 'none',
  rua: Array.from({ length: 158 }, (_, index) => `mailto:${letter}${index + 100}@example.com`),
});
const spf = (net: string) => ({
  mechanisms: Array.from({ length: 20 }, (_, index) => `ip4:${net}.${index * 2 + 100}`),
});

describe('publishing a claim', () => {
  test('puts its records into its zone in one batch and asks for the INSYNC poll', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();

    expect(await service.publish(claim)).toEqual([]);

    expect(service.published(claim)).toEqual(desired(claim));
    expect(service.zone.calls).toEqual({ submit: 1, changeStatus: 0, list: 0, listLabel: 0 });
    const { changeId } = service.zone.accepted[0]!;
    const publication = service.publication(claim)!;
    expect(publication).toMatchObject({ claimVersion: claim.version, insyncSince: {} });
    expect(publication.records).toHaveLength(6);
    expect(Object.values(publication.pending).map((change) => change.changeId)).toEqual(
      Array.from({ length: 6 }, () => changeId),
    );
    expect(publication.uncertainSince).toBeUndefined();
    expect(service.insyncQueue.take()).toEqual([
      {
        request: {
          shard: s1,
          labels: [claim.label],
          changeId,
          submittedAt: '2026-11-23T00:00:00.000Z',
        },
        delaySeconds: 10,
      },
    ]);
    expect(service.publishQueue.take()).toEqual([]);
  });

  test('submits only what changed, and follows only that to INSYNC', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.publish(claim);
    const first = service.publication(claim)!.pending;
    const changed = await service.change(claim, { keys: withKey(claim, 'bmV3') });

    await service.publish(changed);

    expect(service.published(changed)).toEqual(desired(changed));
    const batch = service.zone.accepted[1]!;
    expect(batch.changes).toMatchObject([
      { action: 'UPSERT', record: { values: ['v=DKIM1; k=rsa; p=bmV3'] } },
    ]);
    const key = `${hostedKeyName(claim, claim.keys[0].selector)} TXT`;
    const { pending } = service.publication(claim)!;
    expect(pending[key]?.changeId).toBe(batch.changeId);
    expect({ ...pending, [key]: first[key] }).toEqual(first);
  });

  test('makes no Route 53 call where the records stay the same, but notes the version', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.publish(claim);
    const verified = await service.change(claim, { status: 'verified' });

    await service.publish(verified);
    await service.publish(verified);

    expect(service.zone.calls.submit).toBe(1);
    expect(service.publication(claim)).toMatchObject({ claimVersion: verified.version });
    const { revision } = service.publication(claim)!;
    await service.publish(verified);
    expect(service.publication(claim)!.revision).toBe(revision);
  });

  test('publishes a retired claim from its label: revoked keys, SPF that says nothing', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.publish(claim);
    const retired: Claim = { ...claim, lifecycle: 'tombstone', version: claim.version + 1 };
    await service.claims.retire(claim, retired);

    await service.publish(retired);

    expect(textAt(service, claim, hostedKeyName(claim, claim.keys[0].selector))).toEqual([
      'v=DKIM1; k=rsa; p=',
    ]);
    expect(textAt(service, claim, hostedSpfName(claim))).toEqual(['v=spf1 ?all']);
    expect(service.published(claim)).toEqual(desired(retired));
  });

  test('removes the records of an expired claim and polls for no record that is gone', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.publish(claim);
    service.insyncQueue.take();
    const expired: Claim = { ...claim, lifecycle: 'expired', version: claim.version + 1 };
    await service.claims.retire(claim, expired);

    await service.publish(expired);

    expect(service.published(claim)).toEqual([]);
    expect(service.publication(claim)).toMatchObject({ records: [], pending: {}, insyncSince: {} });
    expect(service.insyncQueue.take()).toEqual([]);
  });

  test('publishes a revoked key id with an empty p= for any claim', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.revokedKeys.add(claim.keys[1].id, '2026-11-01T00:00:00.000Z');

    await service.publish(claim);

    const text = (index: 0 | 1 | 2) =>
      textAt(service, claim, hostedKeyName(claim, claim.keys[index].selector))?.[0];
    expect(text(1)).toBe('v=DKIM1; k=rsa; p=');
    expect(text(0)).toBe(`v=DKIM1; k=rsa; p=${claim.keys[0].publicKey}`);
  });

  test('queues the INSYNC poll again where it must have been lost', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.publish(claim);
    const [poll] = service.insyncQueue.take();
    await service.publish(claim);
    expect(service.insyncQueue.take()).toEqual([]);

    service.time.advance(3 * 60_000);
    await service.publish(claim);

    expect(service.insyncQueue.take().map(({ request }) => request)).toEqual([poll!.request]);
  });
});

describe('publishing many claims', () => {
  test('merges the messages of a shard into one pass and one batch', async () => {
    const service = new PublisherService();
    const claims = [await service.givenClaim(), await service.givenClaim()];

    await service.deliver([
      { shard: s1, labels: [claims[0]!.label] },
      { shard: s1, labels: [claims[1]!.label, claims[0]!.label] },
    ]);

    expect(service.zone.calls.submit).toBe(1);
    for (const claim of claims) expect(service.published(claim)).toEqual(desired(claim));
    expect(service.insyncQueue.take()[0]!.request.labels).toHaveLength(2);
  });

  test('does nothing the second time for a message that comes twice', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    const request = { shard: s1, labels: [claim.label] };
    for (let delivery = 1; delivery <= 5; delivery += 1) await service.deliver([request]);

    expect(service.zone.calls.submit).toBe(1);
    expect(service.insyncQueue.take()).toHaveLength(1);
  });

  test('reports a label that no claim of the shard has and touches nothing', async () => {
    const service = new PublisherService();
    const elsewhere = await service.givenClaim({ shard: s2 });
    const nowhere = 'a'.repeat(26) as Label;

    expect(await service.deliver([{ shard: s1, labels: [elsewhere.label, nowhere] }])).toEqual([]);

    expect(service.kinds()).toEqual(['no-claim', 'no-claim']);
    expect(service.zone.calls.submit).toBe(0);
    expect(service.publishQueue.take()).toEqual([]);
  });

  test('publishes a claim too big for one batch in parts, and ends with all of it', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    const big = await service.change(claim, {
      keys: keysOf(claim, 'A'),
      dmarc: dmarc('a'),
      spf: spf('192.0.2'),
    });
    await service.publish(big);
    const bigger = await service.change(big, {
      keys: keysOf(claim, 'B'),
      dmarc: dmarc('b'),
      spf: spf('203.0.1'),
    });
    expect(service.kinds()).not.toContain('parked');
    const { submit } = service.zone.calls;

    await service.publish(bigger);

    expect(service.zone.calls.submit - submit).toBe(2);
    expect(service.published(bigger)).toEqual(desired(bigger));
    expect(service.publication(bigger)).toMatchObject({ claimVersion: bigger.version });
    expect(service.zone.calls.listLabel).toBe(0);
  });
});

describe('messages that fail', () => {
  test('come again alone where only they cannot be read', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    const { publishAll } = await import('../../../../lambdas/publisher/publish-all.ts');
    const bodies = ['{', JSON.stringify({ shard: s1, labels: [claim.label] })];

    expect(await publishAll(service.ports, bodies, Number.MAX_SAFE_INTEGER)).toEqual([0]);

    expect(service.published(claim)).toEqual(desired(claim));
  });

  test('are those of the shard that fails, and no others', async () => {
    const service = new PublisherService();
    const here = await service.givenClaim();
    const there = await service.givenClaim({ shard: s2 });
    const submit = service.zone.submit.bind(service.zone);
    service.zone.submit = async (shard, changes) => {
      if (shard === s1) throw new Error('AccessDenied');
      return submit(shard, changes);
    };

    const failed = await service.deliver([
      { shard: s1, labels: [here.label] },
      { shard: s2, labels: [there.label] },
      { shard: s1, labels: [here.label] },
    ]);

    expect(failed.toSorted((a, b) => a - b)).toEqual([0, 2]);
    expect(service.published(there)).toEqual(desired(there));
    expect(service.events).toContainEqual({
      kind: 'failed',
      shard: s1,
      error: new Error('AccessDenied'),
    });
  });
});

test.each(['claims', 'publications'] as const)(
  'a malformed item of %s keeps no other claim from being published, and holds up no message',
  async (table) => {
    const service = new PublisherService();
    const [good, bad, last] = [
      await service.givenClaim(),
      await service.givenClaim(),
      await service.givenClaim(),
    ];
    const { claims, publications } = service;
    const isBad = (labels: readonly Label[]) => labels.includes(bad.label);
    if (table === 'claims') {
      claims.getByLabels = malformed(claims.getByLabels.bind(claims), isBad);
    } else {
      publications.get = malformed(publications.get.bind(publications), (_, labels) =>
        isBad(labels),
      );
    }

    expect(await service.publish(good, bad, last)).toEqual([]);
    expect(service.published(good)).toEqual(desired(good));
    expect(service.published(last)).toEqual(desired(last));
    expect(service.published(bad)).toEqual([]);
    expect(service.publishQueue.take()).toEqual([]);
    expect(service.kinds()).toEqual(['published']);
  },
);
