import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { RecordChange } from '#shared/core/records/changes.ts';
import { packBatches } from '#shared/core/records/batches.ts';
import { changesBetween } from '#shared/core/records/changes.ts';
import { deployment, desired, PublisherService, s1 } from './service.ts';

/** Keys as long as RSA-2048's are. */
const rsaKeys = (claim: Claim): Partial<Claim> => ({
  keys: claim.keys.map((key) => ({ ...key, publicKey: 'A'.repeat(392) })) as unknown as KeyRing,
});

const refusing =
  (...claims: readonly Claim[]) =>
  ({ record }: RecordChange): string | undefined =>
    claims.some(({ label }) => record.name.includes(label))
      ? `RRSet with DNS name ${record.name}. is refused: planted`
      : undefined;

/** A hundred claims over four zones, and one of them that Route 53 refuses. */
async function givenHundred(service: PublisherService) {
  const shards = shardNames(deployment);
  const claims: Claim[] = [];
  for (let index = 0; index < 100; index += 1) {
    const claim = await service.givenClaim({ shard: shards[index % 4]! });
    claims.push(await service.change(claim, rsaKeys(claim)));
  }
  const refused = claims[37]!;
  service.zone.refuse = refusing(refused);
  const batches = shards.map(
    (shard) =>
      packBatches(
        claims
          .filter((claim) => claim.shard === shard)
          .map((claim) => ({ key: claim.label, changes: changesBetween(desired(claim), []) })),
      ).length,
  );
  return { claims, refused, batches: batches.reduce((sum, count) => sum + count, 0) };
}

describe('a claim that Route 53 refuses', () => {
  test('is parked with the reason, while the other 99 of four zones are published', async () => {
    const service = new PublisherService();
    const { claims, refused, batches } = await givenHundred(service);

    expect(await service.publish(...claims)).toEqual([]);

    for (const claim of claims) {
      expect(service.published(claim)).toEqual(claim === refused ? [] : desired(claim));
      expect(service.publication(claim)!.uncertainSince).toBeUndefined();
    }
    expect(service.publication(refused)!.parked).toMatchObject({
      since: '2026-11-23T00:00:00.000Z',
      claimVersion: refused.version,
    });
    expect(service.publication(refused)!.parked!.reason).toContain('is refused: planted');
    expect(service.kinds().filter((kind) => kind === 'parked')).toHaveLength(1);
    expect(service.publishQueue.take()).toEqual([]);
    // As many batches as needed; of the refused one, its rest, then the culprit queried and alone.
    expect(batches).toBe(8);
    expect(service.zone.accepted).toHaveLength(batches);
    expect(service.zone.calls).toEqual({
      submit: batches + 2,
      changeStatus: 0,
      list: 0,
      listLabel: 1,
    });
  });

  test('is found by halving where Route 53 does not name it', async () => {
    const service = new PublisherService();
    service.zone.namesCulprits = false;
    const { claims, refused, batches } = await givenHundred(service);

    await service.publish(...claims);

    for (const claim of claims) {
      expect(service.published(claim)).toEqual(claim === refused ? [] : desired(claim));
    }
    expect(service.publication(refused)!.parked).toBeDefined();
    // A batch has at most 21 such claims: five halvings, two tries each, and two for the last one.
    expect(service.zone.calls.submit).toBeLessThanOrEqual(batches + 12);
  });

  test('does not hide a second one', async () => {
    const service = new PublisherService();
    const claims: Claim[] = [];
    for (let index = 0; index < 10; index += 1) claims.push(await service.givenClaim());
    const refused = [claims[0]!, claims[4]!, claims[9]!];
    service.zone.refuse = refusing(...refused);

    await service.publish(...claims);

    for (const claim of claims) {
      const isRefused = refused.includes(claim);
      expect(service.published(claim)).toEqual(isRefused ? [] : desired(claim));
      expect(service.publication(claim)!.parked !== undefined).toBe(isRefused);
    }
  });

  test('keeps what was published of it before', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.publish(claim);
    const before = service.publication(claim)!;
    const changed = await service.change(claim, rsaKeys(claim));
    service.zone.refuse = refusing(claim);

    await service.publish(changed);

    expect(service.published(claim)).toEqual(desired(claim));
    const { parked, revision: _, ...rest } = service.publication(claim)!;
    const { revision: __, ...restBefore } = before;
    expect(rest).toEqual(restBefore);
    expect(parked).toMatchObject({ claimVersion: changed.version });
  });

  test('is tried again, after all others, whenever it is enqueued, and then unparked', async () => {
    const service = new PublisherService();
    const refused = await service.givenClaim();
    service.zone.refuse = refusing(refused);
    await service.publish(refused);
    const { since } = service.publication(refused)!.parked!;
    service.time.advance(60_000);
    const other = await service.givenClaim();
    const tried: Claim[] = [];
    service.zone.refuse = (change) => {
      tried.push(change.record.name.includes(refused.label) ? refused : other);
      return refusing(refused)(change);
    };
    await service.publish(refused, other);
    expect(tried.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => other));
    expect(service.publication(refused)!.parked).toMatchObject({ since });
    expect(service.published(other)).toEqual(desired(other));

    service.zone.refuse = () => undefined;
    await service.publish(refused);

    expect(service.published(refused)).toEqual(desired(refused));
    expect(service.publication(refused)!.parked).toBeUndefined();
  });

  test('for a CNAME of somebody else is parked with what Route 53 says of it', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.meddleForeign(s1, `_dmarc.${claim.label}.${s1} CNAME`);

    await service.publish(claim);

    expect(service.publication(claim)!.parked!.reason).toContain('conflicts with other records');
  });
});

test('a claim whose records cannot be made is parked with the reason, others go on', async () => {
  const service = new PublisherService();
  const claim = await service.givenClaim();
  const mechanisms = Array.from({ length: 90 }, (_, index) => `ip4:192.0.2.${index * 2}`);
  const unmakeable = await service.change(claim, { spf: { mechanisms } });
  const unfit = await service.givenClaim();
  const [zero, one, two] = unfit.keys;
  const endless = await service.change(unfit, {
    keys: [{ ...zero, publicKey: 'A'.repeat(5_000) }, one, two],
  });
  const fine = await service.givenClaim();

  await service.publish(unmakeable, endless, fine);

  expect(service.publication(unmakeable)!.parked!.reason).toContain('450');
  expect(service.publication(endless)!.parked!.reason).toContain('Route 53 takes 4000');
  expect(service.published(fine)).toEqual(desired(fine));
  expect(service.zone.calls.submit).toBe(1);
});

describe('records that are in the zone already', () => {
  test('are taken over where the table of publications was lost, in few calls', async () => {
    const service = new PublisherService();
    const claims: Claim[] = [];
    for (let index = 0; index < 10; index += 1) claims.push(await service.givenClaim());
    await service.publish(...claims);
    service.publications.items.clear();
    const { submit } = service.zone.calls;

    await service.publish(...claims);

    for (const claim of claims) {
      expect(service.published(claim)).toEqual(desired(claim));
      const { parked, pending } = service.publication(claim)!;
      expect(parked).toBeUndefined();
      expect(Object.keys(pending)).toHaveLength(6);
    }
    expect(service.zone.calls.submit - submit).toBe(2);
  });

  test('are deleted where they belong to no claim any more, when the zone is read', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.meddle(s1, {
      name: `old._domainkey.${claim.label}.${s1}`,
      type: 'TXT',
      ttl: 60,
      values: ['v=DKIM1; p=old'],
    });
    service.zone.meddle(s1, { ...desired(claim)[0]!, values: ['somebody else'] });

    await service.publish(claim);

    expect(service.published(claim)).toEqual(desired(claim));
    expect(service.publication(claim)!.parked).toBeUndefined();
  });
});
