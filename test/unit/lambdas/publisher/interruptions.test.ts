import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { unpublished } from '#shared/app/ports/publication-store.ts';
import type { PublisherPorts } from '../../../../lambdas/publisher/ports.ts';
import { desired, PublisherService, s1 } from './service.ts';

/** Ports of a publisher that is killed at one of its calls, before or after the call's effect. */
function mortal(ports: PublisherPorts, fatalCall: number, when: 'before' | 'after') {
  let calls = 0;
  let dead = false;
  const die = () => {
    dead = true;
    throw new Error('killed');
  };
  const release = ports.leases.release.bind(ports.leases);
  const request = ports.leases.request.bind(ports.leases);
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...values: unknown[]) => {
          if (dead) die();
          calls += 1;
          const isFatal = calls === fatalCall;
          if (isFatal && when === 'before') die();
          try {
            return (await Reflect.apply(member, target, values)) as unknown;
          } finally {
            if (isFatal) die();
          }
        };
      },
    });
  const { claims, publications, revokedKeys, leases, zone, publishQueue, insyncQueue } = ports;
  return {
    ports: {
      ...ports,
      claims: wrap(claims),
      publications: wrap(publications),
      revokedKeys: wrap(revokedKeys),
      // Its release matters to the waiting of others only.
      leases: { ...wrap({ take: leases.take.bind(leases) }), release, request },
      zone: wrap(zone),
      publishQueue: wrap(publishQueue),
      insyncQueue: wrap(insyncQueue),
    },
    wasKilled: () => dead,
  };
}

/** A new claim, one with a new key, one that expired, and one that Route 53 refuses. */
async function givenWork() {
  const service = new PublisherService();
  const fresh = await service.givenClaim();
  const changing = await service.givenClaim();
  const expiring = await service.givenClaim();
  await service.publish(changing, expiring);
  service.zone.settle();
  const [zero, one, two] = changing.keys;
  const changed = await service.change(changing, {
    keys: [{ ...zero, publicKey: 'bmV3' }, one, two],
  });
  const expired: Claim = { ...expiring, lifecycle: 'expired', version: expiring.version + 1 };
  await service.claims.retire(expiring, expired);
  const refused = await service.givenClaim();
  service.zone.refuse = ({ record }) =>
    record.name.includes(refused.label) ? `refused ${record.name}` : undefined;
  return { service, changing, claims: [fresh, changed, expired, refused], refused };
}

/** Lists what is wrong once all is published, parked and followed; nothing else is right. */
function faults(service: PublisherService, claims: readonly Claim[], refused: Claim): string[] {
  const polls = service.insyncQueue.sent.map(({ request }) => request);
  return claims.flatMap((claim) => {
    const isRefused = claim === refused;
    const records = isRefused ? [] : desired(claim);
    const publication = service.publication(claim)!;
    const unfollowed = records.filter(({ name }) => {
      const change = publication.pending[`${name} TXT`];
      return !polls.some(
        ({ changeId, labels }) => changeId === change?.changeId && labels.includes(claim.label),
      );
    });
    const promises = {
      'the zone holds its records': isDeepStrictEqual(service.published(claim), records),
      'the table holds its records': publication.records.length === records.length,
      'nothing is in doubt': publication.uncertainSince === undefined,
      'it is parked only if refused': (publication.parked !== undefined) === isRefused,
      'its version is noted': isRefused || publication.claimVersion === claim.version,
      'every record is followed to INSYNC': unfollowed.length === 0,
    };
    return Object.entries(promises).flatMap(([promise, kept]) =>
      kept ? [] : [`${claim.domain}: not so that ${promise}`],
    );
  });
}

const VISIBILITY_MS = 6 * 60_000;

describe('a publisher that is killed', () => {
  test.each(['before', 'after'] as const)(
    'just %s any of its calls leaves nothing that the redelivery does not put right',
    async (when) => {
      let kills = 0;
      for (let fatalCall = 1; ; fatalCall += 1) {
        const { service, claims, refused } = await givenWork();
        const request = { shard: s1, labels: claims.map(({ label }) => label) };
        const { ports, wasKilled } = mortal(service.ports, fatalCall, when);
        const failed = await service.deliver([request], ports);
        expect(failed).toEqual(wasKilled() ? [0] : []);
        if (!wasKilled()) break;
        kills += 1;
        service.time.advance(VISIBILITY_MS);

        expect(await service.deliver([request])).toEqual([]);

        expect({ fatalCall, faults: faults(service, claims, refused) }).toEqual({
          fatalCall,
          faults: [],
        });
      }
      expect(kills).toBeGreaterThan(15);
    },
  );

  test('at any call is put right even if the claim changes back before the redelivery', async () => {
    for (let fatalCall = 1; ; fatalCall += 1) {
      const { service, claims, changing, refused } = await givenWork();
      const request = { shard: s1, labels: claims.map(({ label }) => label) };
      const { ports, wasKilled } = mortal(service.ports, fatalCall, 'after');
      await service.deliver([request], ports);
      if (!wasKilled()) break;
      const [fresh, changed, expired] = claims as [Claim, Claim, Claim];
      const back = await service.change(changed, { keys: changing.keys });
      service.time.advance(VISIBILITY_MS);

      await service.deliver([request]);

      const now = [fresh, back, expired, refused];
      expect({ fatalCall, faults: faults(service, now, refused) }).toEqual({
        fatalCall,
        faults: [],
      });
    }
  });
});

describe('another writer of the publication', () => {
  test('before the submission makes the publisher read again', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    let writes = 0;
    service.publications.beforePut = async () => {
      writes += 1;
      if (writes === 1) await service.publish(claim);
    };

    expect(await service.publish(claim)).toEqual([]);

    expect(service.zone.accepted).toHaveLength(1);
    expect(service.published(claim)).toEqual(desired(claim));
  });

  test('between the submission and its note makes the publisher read the zone', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    await service.publish(claim);
    const [zero, one, two] = claim.keys;
    const newer = await service.change(claim, {
      keys: [{ ...zero, publicKey: 'bmV3ZXI' }, one, two],
    });
    const newest = await service.change(newer, {
      keys: [{ ...zero, publicKey: 'bmV3ZXN0' }, one, two],
    });
    // One publisher has read the claim before its last change, and comes to submit it after another
    // has published that.
    const stale: PublisherPorts = {
      ...service.ports,
      claims: { getByLabels: async () => new Map([[claim.label, newer]]) },
    };
    const submit = service.zone.submit.bind(service.zone);
    let overtaken = false;
    service.zone.submit = async (shard, changes) => {
      if (!overtaken) {
        overtaken = true;
        await service.publish(newest);
        stale.claims.getByLabels = service.claims.getByLabels.bind(service.claims);
      }
      return submit(shard, changes);
    };

    await service.deliver([{ shard: s1, labels: [claim.label] }], stale);

    expect(service.published(claim)).toEqual(desired(newest));
    expect(service.publication(claim)).toMatchObject({ claimVersion: newest.version });
    expect(service.publication(claim)!.uncertainSince).toBeUndefined();
  });

  test('at every try gets the labels queued again', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.publications.beforePut = ({ shard, label, revision }) => {
      const others = { ...unpublished(shard, label), revision: revision + 5 };
      service.publications.items.set(`${shard} ${label}`, others);
    };

    expect(await service.publish(claim)).toEqual([]);

    expect(service.publishQueue.take()).toMatchObject([{ request: { labels: [claim.label] } }]);
  });
});
