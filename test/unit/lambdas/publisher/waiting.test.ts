import { describe, expect, test } from 'vitest';
import { ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { throttled } from '../../../fakes/zone.ts';
import { desired, PublisherService, s1 } from './service.ts';

const outage = () => new ZoneUnavailable('a change');
const many = (error: () => Error) => Array.from({ length: 1_000 }, error);

describe('a zone that asks to slow down', () => {
  test('is waited for with growing pauses, within the same pass', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.failing.push(throttled(), throttled(), throttled());

    await service.publish(claim);

    expect(service.published(claim)).toEqual(desired(claim));
    expect(service.time.slept).toEqual([375, 750, 1_500]);
    expect(service.zone.calls.submit).toBe(4);
    expect(service.publishQueue.take()).toEqual([]);
  });

  test('to the end of the time gets the labels back as a new message, without a failure', async () => {
    const service = new PublisherService();
    const claims = [await service.givenClaim(), await service.givenClaim()];
    service.zone.failing.push(...many(throttled));

    const failed = await service.publish(...claims);

    expect(failed).toEqual([]);
    const labels = claims.map(({ label }) => label).toSorted();
    const deferredSince = service.publishQueue.sent[0]!.request.putOffSince!;
    expect(service.publishQueue.take()).toEqual([
      { request: { shard: s1, labels, putOffSince: deferredSince }, delaySeconds: 0, group: s1 },
    ]);
    expect(service.kinds()).toContain('put-off');
    expect(service.zone.accepted).toEqual([]);
    // Nearly all of the 40 seconds went by, so that the message does not go round in haste.
    const waited = service.time.slept.reduce((sum, pause) => sum + pause, 0);
    expect(waited).toBeGreaterThan(25_000);
    expect(waited).toBeLessThanOrEqual(40_000);
  });

  test('leaves no doubt behind: the next pass need not read the zone', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.failing.push(...many(throttled));
    await service.publish(claim);
    service.zone.failing.length = 0;
    expect(service.publication(claim)!.uncertainSince).toBeUndefined();

    await service.deliver(service.publishQueue.take().map(({ request }) => request));

    expect(service.published(claim)).toEqual(desired(claim));
    expect(service.zone.calls.listLabel).toBe(0);
  });

  test('for a quarter of an hour in all is reported as late, its first time kept', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.failing.push(...many(throttled));
    await service.publish(claim);
    const [first] = service.publishQueue.take();
    service.time.advance(16 * 60_000);

    await service.deliver([first!.request]);

    const since = first!.request.putOffSince;
    expect(service.publishQueue.take()[0]!.request.putOffSince).toBe(since);
    expect(service.events.at(-1)).toEqual({ kind: 'late', shard: s1, labels: 1, since });
  });

  test('once part of the work is done gets only the rest back', async () => {
    const service = new PublisherService();
    const claims = [];
    for (let index = 0; index < 30; index += 1) {
      const claim = await service.givenClaim();
      const [zero, one, two] = claim.keys;
      const publicKey = 'A'.repeat(3_000);
      claims.push(
        await service.change(claim, {
          keys: [
            { ...zero, publicKey },
            { ...one, publicKey },
            { ...two, publicKey },
          ],
        }),
      );
    }
    const submit = service.zone.submit.bind(service.zone);
    service.zone.submit = async (shard, changes) => {
      if (service.zone.accepted.length === 4) throw throttled();
      return submit(shard, changes);
    };

    await service.publish(...claims);

    const done = claims.filter((claim) => service.published(claim).length > 0);
    const [rest] = service.publishQueue.take();
    expect(done).toHaveLength(12);
    expect(rest!.request.labels).toHaveLength(18);
    for (const { label } of done) expect(rest!.request.labels).not.toContain(label);
  });

  test('fails the message where it cannot be queued again', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.failing.push(...many(throttled));
    service.publishQueue.failing.push(new Error('SQS is out'));

    expect(await service.publish(claim)).toEqual([0]);
  });
});

describe('a zone that does not answer', () => {
  test('is read before anything is submitted again', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.failingAfter.push(outage());

    await service.publish(claim);

    expect(service.published(claim)).toEqual(desired(claim));
    expect(service.publication(claim)!.parked).toBeUndefined();
    expect(service.zone.calls).toMatchObject({ submit: 2, listLabel: 1 });
    // The change that was accepted unseen cannot be followed; the records are put once more.
    const [, second] = service.zone.accepted;
    expect(second!.changes.map(({ action }) => action)).toEqual(
      Array.from({ length: 6 }, () => 'UPSERT'),
    );
    expect(service.insyncQueue.take()[0]!.request.changeId).toBe(second!.changeId);
  });

  test('for long gets the labels back as a new message, marked to be read', async () => {
    const service = new PublisherService();
    const claim = await service.givenClaim();
    service.zone.failing.push(...many(outage));

    expect(await service.publish(claim)).toEqual([]);

    expect(service.publication(claim)!.uncertainSince).toBeDefined();
    const again = service.publishQueue.take().map(({ request }) => request);
    expect(again).toMatchObject([{ labels: [claim.label] }]);
    service.zone.failing.length = 0;
    await service.deliver(again);
    expect(service.published(claim)).toEqual(desired(claim));
  });
});
