import { beforeEach, describe, expect, test, vi } from 'vitest';
import { suspendTenant } from '../../../../cli/tenant-state.ts';
import { minuteOf } from '#shared/app/ports/outbox.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { messageStatus } from '#shared/core/model/message.ts';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import { DAY_MS } from '#shared/core/time.ts';
import type { OutboundWork } from '../../../../lambdas/signer/ports.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { mailFrom, TestEnvironment } from './test-environment.ts';

const outage = Object.assign(new Error('no answer'), { $metadata: { httpStatusCode: 503 } });

let environment: TestEnvironment;
let claim: Claim;
beforeEach(async () => {
  environment = new TestEnvironment();
  claim = await environment.givenHeld('example.com');
});

async function status({ tenant, id }: OutboundWork): Promise<string> {
  const { message, recipientBatches } = (await environment.messages.get(tenant, id))!;
  return messageStatus(message, recipientBatches);
}

/** The mails that the outbox checks a day later. */
async function entered() {
  const at = minuteOf(new Date(environment.now.getTime() + DAY_MS));
  return (await environment.outbox.entries({ first: at, last: at })).entries;
}

async function suspend(): Promise<void> {
  const { tenant } = claim;
  const since = environment.now.toISOString();
  const key = { hash: 'h', tenant, prefix: 'sd_', scopes: ['messages' as const], createdAt: since };
  await environment.tenants.create({ id: tenant, name: 'Acme', createdAt: since }, key);
  const { tenants, heldMessages, outbound } = environment;
  const clock = { now: () => environment.now };
  await suspendTenant('Acme', 'spam', { tenants, heldMessages, outbound, clock });
}

describe('a mail that its message in the queue carries', () => {
  test('is sent without being stored, whether it was noted before or not', async () => {
    const work = environment.givenCarried(claim);
    await environment.send([work]);
    expect(await status(work)).toBe('sent');
    expect(environment.mailer.accepted[0]!.raw.toString()).toMatch(/\r\nHello\.\r\n$/);
    expect(environment.outbound.sent).toEqual([]);
    await environment.send([work, { ...work, waits: 1 }]);
    expect(environment.mailer.accepted).toHaveLength(1);
    expect([environment.mails.size, await entered()]).toEqual([0, []]);
  });

  test('is not refused by a message that names it before it is stored', async () => {
    const work = environment.givenCarried(claim);
    const { tenant, id } = work;
    await environment.messages.create(work.carried.message, newRecipientBatches(['bob@x.example']));
    expect((await environment.send([{ tenant, id }])).failed).toEqual([]);
    expect(await status(work)).toBe('accepted');
    const [again] = environment.outbound.take();
    expect(again).toMatchObject({ request: { tenant, id, waits: 1 } });
    expect(again!.delaySeconds).toBeGreaterThanOrEqual(60);

    await environment.send([work]);
    await environment.send([{ tenant, id, waits: 1 }]);
    expect(await status(work)).toBe('sent');
    expect(environment.mailer.accepted).toHaveLength(1);
  });

  test('is dropped where another mail was accepted under its id', async () => {
    const work = environment.givenCarried(claim);
    const message = { ...work.carried.message, fingerprint: 'of another' };
    await environment.messages.create(message, []);
    const { failed } = await environment.send([work]);
    expect({ failed, sent: environment.mailer.accepted }).toEqual({ failed: [], sent: [] });
    expect(environment.logged.map(({ message: line }) => line)).toContain(
      'a queued mail is not the one that was accepted',
    );
  });

  test.each<[string, () => Promise<void> | void]>([
    ['is throttled', () => void environment.mailer.faults.push('throttle')],
    ['is unclear', () => void environment.mailer.faults.push('reset-before')],
    ['waits for its key', () => void (environment.confirmation = { kind: 'absent' })],
  ])(
    'is stored and entered in the outbox where it %s; its message then names it',
    async (_, begin) => {
      await begin();
      const work = environment.givenCarried(claim);
      await environment.send([work]);
      const [again] = environment.outbound.take();
      expect(again!.request).toMatchObject({ tenant: work.tenant, id: work.id });
      expect(again!.request.carried).toBeUndefined();
      expect(await environment.mails.get(work.carried.message)).toEqual(work.carried.raw);
      expect(await entered()).toEqual([{ tenant: work.tenant, id: work.id }]);
      environment.confirmation = { kind: 'confirmed' };
      environment.pass(1_000);
      await environment.send([again!.request]);
      expect(await status(work)).toBe('sent');
    },
  );

  test('is stored before a suspension holds it, which no message does', async () => {
    await suspend();
    const work = environment.givenCarried(claim);
    await environment.send([work]);
    expect(await status(work)).toBe('held');
    expect(environment.outbound.sent).toEqual([]);
    expect(await environment.mails.get(work.carried.message)).toEqual(work.carried.raw);
  });

  test('is stored where it stays unclear for the operator', async () => {
    environment.mailer.faults.push('reset-before');
    const work = environment.givenCarried(claim);
    await environment.send([work], { unclearSeconds: 0, unclearPolicy: 'hold' });
    expect(await status(work)).toBe('unclear');
    expect(environment.mails.size).toBe(1);
  });

  test('is carried on where it waits while the store is out', async () => {
    const mails = { get: () => Promise.reject(outage), put: () => Promise.reject(outage) };
    environment.mailer.faults.push('throttle');
    const work = environment.givenCarried(claim);
    const { failed } = await environment.send([work], {}, { ...environment.ports, mails });
    expect(failed).toEqual([]);
    const [again] = environment.outbound.take();
    expect(again!.request).toMatchObject({ waits: 1, carried: { raw: work.carried.raw } });
    environment.pass(100);
    await environment.send([again!.request]);
    expect(await status(work)).toBe('sent');
  });

  test('is carried on while it cannot be noted: its id alone would lead to nothing', async () => {
    const work = environment.givenCarried(claim);
    const create = vi.spyOn(environment.messages, 'create').mockRejectedValueOnce(outage);
    const { failed } = await environment.send([work]);
    expect([failed, create.mock.calls.length]).toEqual([[], 1]);
    const [again] = environment.outbound.take();
    expect(again!.request).toMatchObject({ waits: 1, carried: { raw: work.carried.raw } });
    environment.pass(100);
    await environment.send([again!.request]);
    expect(await status(work)).toBe('sent');
  });

  test('is not held while the store is out: it comes again', async () => {
    await suspend();
    const mails = { get: () => Promise.reject(outage), put: () => Promise.reject(outage) };
    const work = environment.givenCarried(claim);
    await environment.send([work], {}, { ...environment.ports, mails });
    expect(await status(work)).toBe('accepted');
    expect(environment.outbound.sent).toHaveLength(1);
  });

  test.each([
    [13, 'sent'],
    [31, 'refused'],
  ])('as a dead letter that is moved back on day %i, is %s', async (days, end) => {
    const work = environment.givenCarried(claim);
    environment.pass((days * DAY_MS) / 1_000);
    await environment.send([work]);
    expect(await status(work)).toBe(end);
    const refused = environment.bus.events.filter(({ type }) => type === 'message.refused');
    expect(refused).toHaveLength(end === 'refused' ? 1 : 0);
  });

  test('is stored before it is handed back, and whenever it was received before', async () => {
    const raw = Buffer.from('From: ann@example.org\r\n\r\nNot of its domain.\r\n');
    const bad = environment.givenCarried(claim, { raw });
    const { failed } = await environment.send([bad]);
    expect(failed).toEqual([0]);
    expect(await environment.mails.get(bad.carried.message)).toEqual(raw);
    const again = environment.givenCarried(claim);
    await environment.send([{ ...again, isRedelivered: true }]);
    expect(await status(again)).toBe('sent');
    const get = environment.messages.get.bind(environment.messages);
    environment.messages.get = malformed(get, () => true);
    const unreadable = environment.givenCarried(claim);
    expect((await environment.send([unreadable])).failed).toEqual([0]);
    environment.messages.get = get;
    expect(await environment.mails.get(unreadable.carried.message)).toBeDefined();
    expect(await environment.mails.get(again.carried.message)).toEqual(mailFrom('example.com'));
  });
});
