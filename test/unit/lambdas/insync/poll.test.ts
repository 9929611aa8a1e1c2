import { describe, expect, test } from 'vitest';
import { labelOf, type Label, type ShardName } from '#shared/core/model/names.ts';
import { unpublished, type Publication } from '#shared/app/ports/publication-store.ts';
import type { InsyncRequest } from '#shared/app/ports/queues.ts';
import { ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { pollAll, type InsyncEvent, type InsyncPorts } from '../../../../lambdas/insync/poll.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { MemoryPublicationStore } from '../../../fakes/publication-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { FakeTime } from '../../../fakes/time.ts';
import { MemoryZone, throttled } from '../../../fakes/zone.ts';

const s1 = 's1.sd.example.net' as ShardName;
const start = '2026-11-23T00:00:00.000Z';
const label = (number: number): Label => labelOf(new Uint8Array(16).fill(number));
const spf = (of: Label) => `_spf.${of}.${s1} TXT`;
const key = (of: Label) => `zero._domainkey.${of}.${s1} TXT`;

class InsyncService {
  readonly time = new FakeTime(start);
  readonly publications = new MemoryPublicationStore();
  readonly zone = new MemoryZone([s1]);
  readonly insyncQueue = new MemoryQueue<InsyncRequest>();
  readonly events: InsyncEvent[] = [];
  /** Labels published for the first time, and since when; and the error of publishing. */
  readonly advised: [readonly Label[], string][] = [];
  readonly untold: Error[] = [];
  readonly ports: InsyncPorts = {
    publications: this.publications,
    zone: this.zone,
    insyncQueue: this.insyncQueue,
    clock: this.time.clock,
    publishHostedEvents: async (labels, at) => {
      const failure = this.untold.shift();
      if (failure !== undefined) throw failure;
      this.advised.push([labels, at]);
    },
    log: (event) => this.events.push(event),
  };

  /** A change that Route 53 has accepted, and the publications that wait for it. */
  async givenChange(...labels: readonly Label[]): Promise<InsyncRequest> {
    const changeId = await this.zone.submit(s1, [
      {
        action: 'UPSERT',
        record: { name: `x.${label(31)}.${s1}`, type: 'TXT', ttl: 1, values: ['x'] },
      },
    ]);
    const submittedAt = this.time.clock.now().toISOString();
    for (const changed of labels) {
      const present = this.publication(changed) ?? unpublished(s1, changed);
      const { [spf(changed)]: _, ...insyncSince } = present.insyncSince;
      await this.publications.put({
        ...present,
        revision: present.revision + 1,
        insyncSince,
        pending: { ...present.pending, [spf(changed)]: { changeId, submittedAt } },
      });
    }
    return { shard: s1, labels, changeId, submittedAt };
  }

  publication(of: Label): Publication | undefined {
    return this.publications.items.get(`${s1} ${of}`);
  }

  async edit(of: Label, changes: Partial<Publication>): Promise<void> {
    const present = this.publication(of)!;
    await this.publications.put({ ...present, ...changes, revision: present.revision + 1 });
  }

  poll(...requests: readonly InsyncRequest[]): Promise<number[]> {
    return pollAll(
      this.ports,
      requests.map((request) => JSON.stringify(request)),
    );
  }
}

describe('a change that is INSYNC', () => {
  test('is noted with every record that it put, of every claim, once', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1), label(2));
    await service.edit(label(1), {
      insyncSince: { [key(label(1))]: '2026-01-01T00:00:00.000Z' },
      pending: {
        ...service.publication(label(1))!.pending,
        other: { changeId: '/change/another', submittedAt: start },
      },
    });
    service.zone.settle();
    service.time.advance(30_000);

    expect(await service.poll(request)).toEqual([]);

    const now = '2026-11-23T00:00:30.000Z';
    expect(service.publication(label(1))).toMatchObject({
      insyncSince: { [key(label(1))]: '2026-01-01T00:00:00.000Z', [spf(label(1))]: now },
      pending: { other: { changeId: '/change/another', submittedAt: start } },
    });
    expect(service.publication(label(1))!.pending[spf(label(1))]).toBeUndefined();
    expect(service.publication(label(2))).toMatchObject({
      insyncSince: { [spf(label(2))]: now },
      pending: {},
    });
    expect(service.events).toEqual([{ kind: 'insync', changeId: request.changeId, seconds: 30 }]);
    expect(service.insyncQueue.take()).toEqual([]);
    const { revision } = service.publication(label(1))!;
    await service.poll(request);
    expect(service.publication(label(1))!.revision).toBe(revision);
  });

  test('says nothing of records that a later change replaced, without asking Route 53', async () => {
    const service = new InsyncService();
    const old = await service.givenChange(label(1));
    const newer = await service.givenChange(label(1));
    service.zone.settle();

    await service.poll(old);
    expect(service.publication(label(1))!.insyncSince).toEqual({});
    expect(service.zone.calls.changeStatus).toBe(0);
    expect(service.insyncQueue.take()).toEqual([]);

    await service.poll(newer);
    expect(service.publication(label(1))!.insyncSince).toEqual({ [spf(label(1))]: start });
  });

  test('waits to be noted while a publisher is submitting for the claim', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1), label(2));
    await service.edit(label(1), { uncertainSince: start });
    service.zone.settle();

    await service.poll(request);

    expect(service.publication(label(1))!.insyncSince).toEqual({});
    expect(service.publication(label(2))!.insyncSince).toEqual({ [spf(label(2))]: start });
    expect(service.insyncQueue.take()).toMatchObject([{ request: { labels: [label(1)] } }]);
  });

  test('is noted on top of what another writer puts in between', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1));
    service.zone.settle();
    let writes = 0;
    service.publications.beforePut = async () => {
      writes += 1;
      if (writes === 1) await service.edit(label(1), { claimVersion: 7 });
    };

    expect(await service.poll(request)).toEqual([]);

    expect(service.publication(label(1))).toMatchObject({
      claimVersion: 7,
      insyncSince: { [spf(label(1))]: start },
    });
  });

  test('is not noted where another writer in between replaced the record', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1));
    service.zone.settle();
    let writes = 0;
    service.publications.beforePut = async () => {
      writes += 1;
      if (writes === 1) {
        await service.edit(label(1), {
          pending: { [spf(label(1))]: { changeId: '/change/newer', submittedAt: start } },
        });
      }
    };

    expect(await service.poll(request)).toEqual([]);

    expect(service.publication(label(1))!.insyncSince).toEqual({});
  });
});

describe('a change that is still pending', () => {
  test.each([
    [0, 10],
    [15, 10],
    [50, 25],
    [119, 60],
    [1_700, 60],
  ])('after %i s is polled again in %i s, by a message of its own', async (age, delaySeconds) => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1));
    service.time.advance(age * 1_000);

    expect(await service.poll(request)).toEqual([]);

    expect(service.insyncQueue.take()).toEqual([{ request, delaySeconds }]);
    expect(service.events).toEqual([]);
  });

  test('of a revoked key is reported while it is not INSYNC a minute after the revocation', async () => {
    const service = new InsyncService();
    const revokedAt = service.time.clock.now().toISOString();
    const request = { ...(await service.givenChange(label(1))), revokedAt };
    service.time.advance(60_000);
    await service.poll(request);
    expect(service.events).toEqual([]);
    service.time.advance(1_000);
    const [again] = service.insyncQueue.take();
    await service.poll(again!.request);
    expect(service.events).toEqual([
      { kind: 'revocation-late', changeId: request.changeId, seconds: 61 },
    ]);
  });

  test('after 30 minutes is reported at each poll, and polled on', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1));
    service.time.advance(31 * 60_000);

    await service.poll(request);
    await service.poll(request);

    const stale = { kind: 'stale', changeId: request.changeId, seconds: 1_860 };
    expect(service.events).toEqual([stale, stale]);
    expect(service.insyncQueue.take()).toHaveLength(2);
  });

  test.each([
    ['throttles', throttled()],
    ['is out', new ZoneUnavailable('a status')],
  ])('or not known to be, since Route 53 %s, is polled again', async (_what, error) => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1));
    service.zone.failing.push(error);

    expect(await service.poll(request)).toEqual([]);

    expect(service.insyncQueue.take()).toEqual([{ request, delaySeconds: 10 }]);
    expect(service.events).toMatchObject([{ kind: 'waiting' }]);
  });
});

describe('messages', () => {
  test('that ask for one change cost one call, for the labels of all', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1), label(2));
    service.zone.settle();

    await service.poll({ ...request, labels: [label(1)] }, { ...request, labels: [label(2)] });

    expect(service.zone.calls.changeStatus).toBe(1);
    for (const polled of request.labels) expect(service.publication(polled)!.pending).toEqual({});
  });

  test('that fail come again, and only they', async () => {
    const service = new InsyncService();
    const [bad, good] = [await service.givenChange(label(1)), await service.givenChange(label(2))];
    service.zone.settle();
    service.zone.failing.push(new Error('AccessDenied'));
    const bodies = ['{', JSON.stringify(bad), JSON.stringify(good), JSON.stringify(bad)];

    const failed = await pollAll(service.ports, bodies);

    expect(failed).toEqual([0, 1, 3]);
    expect(service.publication(label(2))!.pending).toEqual({});
    expect(service.events.filter(({ kind }) => kind === 'failed')).toHaveLength(2);
  });

  test('of a change that Route 53 does not know let go of it, and say so', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1));
    service.zone.forgetChanges();

    await service.poll(request);

    expect(service.publication(label(1))).toMatchObject({ pending: {}, insyncSince: {} });
    expect(service.events).toMatchObject([{ kind: 'forgotten' }]);
    expect(service.insyncQueue.take()).toEqual([]);
  });
});

describe('the first publication of a claim', () => {
  test('is published once, as of when it was submitted; later ones are not', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1), label(2));
    service.zone.settle();
    service.time.advance(30_000);
    await service.poll(request);
    expect(service.advised).toEqual([[[label(1), label(2)], start]]);

    const later = await service.givenChange(label(1));
    await service.edit(label(1), { insyncSince: { [key(label(1))]: start } });
    service.zone.settle();
    await service.poll(later);
    expect(service.advised).toHaveLength(1);
  });

  test('whose event fails is noted once it could; nothing else waits for it', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1), label(2));
    await service.edit(label(2), { insyncSince: { [key(label(2))]: start } });
    service.zone.settle();
    service.untold.push(new Error('the bus is gone'));

    expect(await service.poll(request)).toEqual([]);
    expect(service.publication(label(1))!.insyncSince).toEqual({});
    expect(service.publication(label(2))!.pending).toEqual({});
    expect(service.events).toMatchObject([{ kind: 'unpublished', changeId: request.changeId }]);

    const again = service.insyncQueue.take()[0]!.request;
    expect(again.labels).toEqual([label(1)]);
    await service.poll(again);
    expect(service.advised).toEqual([[[label(1)], start]]);
    expect(service.publication(label(1))!.insyncSince).toEqual({ [spf(label(1))]: start });
  });
});

describe('a malformed item', () => {
  test('of a publication keeps no other from being noted; its own message fails', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1), label(2), label(3));
    service.zone.settle();
    const { publications } = service;
    publications.get = malformed(publications.get.bind(publications), (_, labels) =>
      labels.includes(label(2)),
    );

    expect(await service.poll(request)).toEqual([]);
    for (const polled of [label(1), label(3)])
      expect(service.publication(polled)!.pending).toEqual({});
    const [alone] = service.insyncQueue.take();
    expect(alone?.request).toEqual({ ...request, labels: [label(2)] });

    const other = await service.givenChange(label(4));
    service.zone.settle();
    expect(await service.poll(alone!.request, other)).toEqual([0]);
    expect(service.publication(label(4))!.pending).toEqual({});
    expect(service.insyncQueue.take()).toEqual([]);
  });

  test('of a claim keeps no other from being published; its own message fails', async () => {
    const service = new InsyncService();
    const request = await service.givenChange(label(1), label(2));
    service.zone.settle();
    const ports = {
      ...service.ports,
      publishHostedEvents: malformed(service.ports.publishHostedEvents, (labels) =>
        labels.includes(label(1)),
      ),
    };
    const poll = (asked: InsyncRequest) => pollAll(ports, [JSON.stringify(asked)]);

    expect(await poll(request)).toEqual([]);
    expect(service.advised).toEqual([[[label(2)], start]]);
    expect(service.publication(label(2))!.pending).toEqual({});
    const [alone] = service.insyncQueue.take();
    expect(alone?.request.labels).toEqual([label(1)]);
    expect(await poll(alone!.request)).toEqual([0]);
    expect(service.publication(label(1))!.insyncSince).toEqual({});
  });
});
