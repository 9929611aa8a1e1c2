import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import { ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { hostedSpfName } from '#shared/core/records/kinds/spf/hosted.ts';
import type { ReconcilerEvent, ReconcilerPorts } from '../../../../lambdas/reconciler/ports.ts';
import { inTurn, reconcile } from '../../../../lambdas/reconciler/reconcile.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { MemoryRevocationLedger } from '../../../fakes/revocation-ledger.ts';
import { throttled } from '../../../fakes/zone.ts';
import { deployment, desired, PublisherService, s1, s2 } from '../publisher/service.ts';

const scheduledTime = new Date('2026-11-23T01:30:00.000Z');
const RUN_SECONDS = 15 * 60;

const day = (number: number) => new Date(scheduledTime.getTime() + number * 86_400_000);

/** The reconciler beside the publisher that acts on its enqueues. */
class ReconcilerService extends PublisherService {
  readonly advised: ReconcilerEvent[] = [];
  readonly revocationLedger = new MemoryRevocationLedger();
  readonly recovered: string[] = [];
  readonly reconciler: ReconcilerPorts = {
    ...this.ports,
    claims: this.claims,
    revokedKeys: this.revokedKeys,
    revocationLedger: this.revocationLedger,
    logRecovered: (all) => void this.recovered.push(...all.map(({ keyId }) => keyId)),
    log: (event) => this.advised.push(event),
  };

  /** Claims that are published and INSYNC. */
  async givenPublished(...claims: readonly Claim[]): Promise<void> {
    await this.publish(...claims);
    const at = this.time.clock.now().toISOString();
    for (const [key, publication] of this.publications.items) {
      const insyncSince = Object.fromEntries(
        Object.keys(publication.pending).map((record) => [record, at]),
      );
      this.publications.items.set(key, {
        ...publication,
        pending: {},
        insyncSince: { ...publication.insyncSince, ...insyncSince },
      });
    }
    this.publishQueue.take();
    this.insyncQueue.take();
  }

  reconcile(seconds = RUN_SECONDS): Promise<void> {
    const deadline = this.time.clock.now().getTime() + seconds * 1_000;
    return reconcile(this.reconciler, scheduledTime, deadline);
  }

  /** Labels enqueued, which the publisher then sees to. */
  async enqueuedAndPublished(): Promise<string[]> {
    const requests = this.publishQueue.take().map(({ request }) => request);
    await this.deliver(requests);
    return requests.flatMap(({ labels }) => labels);
  }

  of<Kind extends ReconcilerEvent['kind']>(kind: Kind) {
    return this.advised.filter(
      (event): event is Extract<ReconcilerEvent, { kind: Kind }> => event.kind === kind,
    );
  }
}

const spfName = (claim: Claim) => hostedSpfName(claim);

describe('a deployment where all is well', () => {
  test('is only reported so: no drift, no enqueue, no write', async () => {
    const service = new ReconcilerService();
    const claims = [await service.givenClaim(), await service.givenClaim({ shard: s2 })];
    await service.givenPublished(...claims);
    const before = structuredClone([...service.publications.items]);

    await service.reconcile();

    expect(service.advised.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 4 }, () => 'reconciled'),
    );
    expect(service.publishQueue.take()).toEqual([]);
    expect([...service.publications.items]).toEqual(before);
    expect(service.zone.calls).toMatchObject({ list: 4, listLabel: 0 });
  });

  test('is listed at four requests a second at most', async () => {
    const service = new ReconcilerService();
    for (let index = 0; index < 700; index += 1) {
      service.zone.meddle(s1, { name: `r${index}.${s1}`, type: 'TXT', ttl: 1, values: ['x'] });
    }
    await service.reconcile();

    expect(service.zone.calls.list).toBe(6);
    expect(service.time.slept).toEqual(Array.from({ length: 6 }, () => 250));
  });
});

describe('drift', () => {
  test.each([
    ['changed', (claim: Claim) => ({ ...desired(claim)[0]!, values: ['theirs'] })],
    ['removed', (claim: Claim) => ({ remove: `${spfName(claim)} TXT` })],
    [
      'added',
      (claim: Claim) => ({
        name: `x.${claim.label}.${s1}`,
        type: 'TXT' as const,
        ttl: 60,
        values: ['theirs'],
      }),
    ],
  ])('by a record that somebody %s is reported by name and put right', async (_what, meddling) => {
    const service = new ReconcilerService();
    const [claim, other] = [await service.givenClaim(), await service.givenClaim()];
    await service.givenPublished(claim, other);
    service.zone.meddle(s1, meddling(claim));

    await service.reconcile();

    const [drift] = service.of('drift');
    expect(drift!.records).toHaveLength(1);
    expect(drift!.records[0]).toContain(claim.label);
    expect(await service.enqueuedAndPublished()).toEqual([claim.label]);
    expect(service.published(claim)).toEqual(desired(claim));
    expect(service.publication(claim)!.uncertainSince).toBeUndefined();

    service.advised.length = 0;
    await service.reconcile();
    expect(service.of('drift')).toEqual([]);
  });

  test('in records that no claim accounts for is reported, and nothing is deleted', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    const orphan = `_spf.${'b'.repeat(26)}.${s1}`;
    for (const name of [orphan, `stray.${s1}`, s1]) {
      service.zone.meddle(s1, { name, type: 'TXT', ttl: 1, values: ['x'] });
    }
    service.zone.meddleForeign(s1, `www.${s1} CNAME`);

    await service.reconcile();

    expect(
      service
        .of('drift')
        .flatMap(({ records }) => records)
        .toSorted(),
    ).toEqual([`${orphan} TXT`, `stray.${s1} TXT`, `${s1} TXT`, `www.${s1} CNAME`].toSorted());
    expect(await service.enqueuedAndPublished()).toEqual([]);
    expect(service.zone.records(s1)).toHaveLength(6 + 3);
  });

  test('is not seen in what a publisher did between the two listings', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    const list = service.publications.list.bind(service.publications);
    service.publications.list = async (shard, cursor) => {
      if (shard === s1 && service.publication(claim)!.claimVersion === claim.version) {
        const mechanisms = ['ip4:192.0.2.1'];
        await service.publish(await service.change(claim, { spf: { mechanisms } }));
      }
      return list(shard, cursor);
    };

    await service.reconcile();

    expect(service.zone.calls.listLabel).toBe(1);
    expect(service.of('drift')).toEqual([]);
  });

  test('is not seen while a publisher is at the claim', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    service.zone.meddle(s1, { ...desired(claim)[0]!, values: ['being published'] });
    const listLabel = service.zone.listLabel.bind(service.zone);
    service.zone.listLabel = async (shard, label) => {
      const present = service.publication(claim)!;
      const revision = present.revision + 1;
      const uncertainSince = service.time.clock.now().toISOString();
      await service.publications.put({ ...present, revision, uncertainSince });
      return listLabel(shard, label);
    };

    await service.reconcile();

    expect(service.of('drift')).toEqual([]);
  });
});

describe('claims that want the publisher', () => {
  test('are those whose enqueue was lost: reported a minute later, and published', async () => {
    const service = new ReconcilerService();
    const published = await service.givenClaim();
    await service.givenPublished(published);
    const changed = await service.change(published, { spf: { mechanisms: ['ip4:192.0.2.1'] } });
    const fresh = await service.givenClaim({ shard: s2 });
    const start = service.time.clock.now().getTime();

    await service.reconcile();

    expect(service.time.clock.now().getTime() - start).toBe(60_000);
    const stale = service.of('stale');
    expect(stale).toHaveLength(2);
    expect(stale).toContainEqual({ kind: 'stale', shard: s1, labels: [changed.label] });
    expect(stale).toContainEqual({ kind: 'stale', shard: s2, labels: [fresh.label] });
    await service.enqueuedAndPublished();
    expect(service.published(changed)).toEqual(desired(changed));
    expect(service.published(fresh)).toEqual(desired(fresh));
  });

  test('are not those that were published during the comparison', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    const list = service.zone.list.bind(service.zone);
    service.zone.list = async (shard, cursor) => {
      if (shard === s1) await service.publish(claim);
      return list(shard, cursor);
    };

    await service.reconcile();

    expect(service.of('stale')).toEqual([]);
    expect(service.publishQueue.take()).toEqual([]);
  });

  test('are retired claims whose last enqueue was lost', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    const retired: Claim = { ...claim, lifecycle: 'tombstone', version: claim.version + 1 };
    await service.claims.retire(claim, retired);

    await service.reconcile();

    expect(await service.enqueuedAndPublished()).toEqual([claim.label]);
    expect(service.published(claim)).toEqual(desired(retired));
    expect(service.of('drift')).toEqual([]);
  });

  test('are parked ones, once a day', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    service.zone.refuse = () => 'refused';
    await service.givenPublished(claim);
    service.zone.refuse = () => undefined;

    await service.reconcile();

    expect(await service.enqueuedAndPublished()).toEqual([claim.label]);
    expect(service.of('stale')).toEqual([]);
    expect(service.published(claim)).toEqual(desired(claim));
  });

  test('are those with a key that is revoked though the claim does not say so', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    await service.revokedKeys.add(claim.keys[0].id, '2026-11-01T00:00:00.000Z');

    await service.reconcile();

    expect(await service.enqueuedAndPublished()).toEqual([claim.label]);
    const name = hostedKeyName(claim, claim.keys[0].selector);
    const record = service.published(claim).find((one) => one.name === name);
    expect(record!.values).toEqual(['v=DKIM1; k=rsa; p=']);
  });

  test('are those that the operator changed the senders of', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    const ports = {
      ...service.reconciler,
      deployment: { ...deployment, senders: ['include:relay.example'] },
    };

    await reconcile(ports, scheduledTime, Number.MAX_SAFE_INTEGER);

    expect(service.publishQueue.take()).toMatchObject([{ request: { labels: [claim.label] } }]);
  });

  test.each([
    ['records that no known change put', { insyncSince: {} }],
    ['an unresolved doubt', { uncertainSince: '2026-11-22T00:00:00.000Z' }],
    [
      'a change that was never seen INSYNC',
      { pending: { x: { changeId: '/change/C1', submittedAt: '2026-11-22T22:00:00.000Z' } } },
    ],
  ])('are those with %s', async (_what, changes) => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    const present = service.publication(claim)!;
    await service.publications.put({ ...present, ...changes, revision: present.revision + 1 });

    await service.reconcile();

    expect(await service.enqueuedAndPublished()).toEqual([claim.label]);
    expect(service.of('drift')).toEqual([]);
  });

  test('are many: two hundred to a message', async () => {
    const service = new ReconcilerService();
    for (let index = 0; index < 205; index += 1) await service.givenClaim();

    await service.reconcile();

    const requests = service.publishQueue.take().map(({ request }) => request);
    expect(requests.map(({ labels }) => labels.length)).toEqual([200, 5]);
  });
});

describe('a run that cannot get to the end', () => {
  test('names the shards it left, and still enqueues what is stale', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    const list = service.zone.list.bind(service.zone);
    service.zone.list = async (shard, cursor) => {
      service.time.advance(100_000);
      return list(shard, cursor);
    };

    await service.reconcile(300);

    const order = inTurn(shardNames(deployment), scheduledTime);
    expect(service.of('reconciled').map(({ shard }) => shard)).toEqual(order.slice(0, 3));
    expect(service.of('unreached').map(({ shards }) => shards)).toEqual([order.slice(3)]);
    expect(service.of('stale')).toMatchObject([{ labels: [claim.label] }]);
  });

  test('of one shard goes on with the others', async () => {
    const service = new ReconcilerService();
    const order = inTurn(shardNames(deployment), scheduledTime);
    service.zone.failing.push(new ZoneUnavailable('with a page'));

    await service.reconcile();

    expect(service.of('unreached')).toMatchObject([{ shards: [order[0]] }]);
    expect(service.of('reconciled').map(({ shard }) => shard)).toEqual(order.slice(1));
  });

  test('waits where Route 53 throttles', async () => {
    const service = new ReconcilerService();
    service.zone.failing.push(throttled(), throttled());

    await service.reconcile();

    expect(service.of('reconciled')).toHaveLength(4);
  });

  test('begins further on the next day, so that every shard has its turn', () => {
    const shards = Array.from({ length: 180 }, (_, index) => `s${index + 1}` as ShardName);
    const week = [0, 1, 2, 3, 4];
    const reached = week.flatMap((number) => inTurn(shards, day(number)).slice(0, 40));

    expect(new Set(reached)).toEqual(new Set(shards));
    for (const number of week) {
      expect(new Set(inTurn(shards, day(number)))).toEqual(new Set(shards));
    }
  });
});

describe('a malformed item', () => {
  test('of a claim is no drift, and keeps no other from being compared', async () => {
    const service = new ReconcilerService();
    const [bad, good] = [await service.givenClaim(), await service.givenClaim()];
    await service.givenPublished(bad, good);
    service.zone.meddle(s1, { ...desired(good)[0]!, values: ['theirs'] });
    const { claims } = service;
    claims.getByLabels = malformed(claims.getByLabels.bind(claims), (labels) =>
      labels.includes(bad.label),
    );
    await service.reconcile();

    expect(service.of('unreached')).toEqual([]);
    expect(service.of('drift')).toHaveLength(1);
    expect(await service.enqueuedAndPublished()).toEqual([good.label]);
    expect(service.published(good)).toEqual(desired(good));
  });

  test('of a publication keeps no other from being compared, and is reported as stale', async () => {
    const service = new ReconcilerService();
    const [bad, good] = [await service.givenClaim(), await service.givenClaim()];
    await service.givenPublished(bad, good);
    service.zone.meddle(s1, { ...desired(good)[0]!, values: ['theirs'] });
    const { publications } = service;
    // Lists leave it out.
    publications.items.delete(`${s1} ${bad.label}`);
    publications.get = malformed(publications.get.bind(publications), (_, labels) =>
      labels.includes(bad.label),
    );
    await service.reconcile();

    expect(service.of('unreached')).toEqual([]);
    expect(service.of('stale')).toMatchObject([{ labels: [bad.label] }]);
    await service.enqueuedAndPublished();
    expect(service.published(good)).toEqual(desired(good));
    expect(service.published(bad)).toEqual(desired(bad));
  });
});

describe('after a restore of all tables', () => {
  const revokedAt = '2026-11-20T00:00:00.000Z';

  test('a key that was revoked since is revoked again, and its public half is not put back', async () => {
    const service = new ReconcilerService();
    const claim = await service.givenClaim();
    await service.givenPublished(claim);
    const stolen = claim.keys[0];
    // The zone shows what the tables no longer have: an empty p= in the slot.
    await service.revocationLedger.add({ keyId: stolen.id, revokedAt });
    const isSlot = ({ name }: { name: string }) =>
      name.startsWith(`${stolen.selector}._domainkey.`);
    const record = desired(claim).find(isSlot);
    service.zone.meddle(s1, { ...record!, values: ['v=DKIM1; k=rsa; p='] });

    await service.reconcile();
    await service.enqueuedAndPublished();

    expect(service.recovered).toEqual([stolen.id]);
    expect(await service.revokedKeys.among([stolen.id])).toEqual(new Set([stolen.id]));
    expect(service.published(claim).find(isSlot)?.values).toEqual(['v=DKIM1; k=rsa; p=']);
  });

  test('what the ledger lacks is added to it, once', async () => {
    const service = new ReconcilerService();
    await service.revokedKeys.add('k_of-an-earlier-release', revokedAt);
    await service.reconcile();
    await service.reconcile();

    const known: string[] = [];
    for await (const { keyId } of service.revocationLedger.since()) known.push(keyId);
    expect(known).toEqual(['k_of-an-earlier-release']);
    expect(service.recovered).toEqual([]);
  });
});
