import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutboundWork, SignerPorts } from '../../../../lambdas/signer/ports.ts';
import { unclearAttempts } from '#shared/core/model/message.ts';
import { addresses, TestEnvironment } from './test-environment.ts';

/** SQS's visibility timeout: six times the function's. */
const VISIBILITY_SECONDS = 540;

type Ports = Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>;
const calling = [
  'messages',
  'mails',
  'outbox',
  'claims',
  'revokedKeys',
  'keys',
  'mailer',
  'outbound',
  'sendingLog',
  'bus',
];

/** Puts a step of the test's own before and after each call of the ports. */
function around(
  ports: SignerPorts,
  step: (name: string, call: () => Promise<unknown>) => Promise<unknown>,
): SignerPorts {
  const wrapped: Record<string, unknown> = { ...ports };
  for (const port of calling) {
    const target = (ports as unknown as Ports)[port]!;
    wrapped[port] = new Proxy(target, {
      get: (_, method: string) =>
        typeof target[method] === 'function'
          ? (...args: unknown[]) => step(`${port}.${method}`, () => target[method]!(...args))
          : target[method],
    });
  }
  return wrapped as unknown as SignerPorts;
}

/** A process that dies at its n-th call: before the call takes effect, or after. */
class Mortal {
  readonly calls: string[] = [];
  dead = false;
  readonly ports: SignerPorts;

  constructor(ports: SignerPorts, dieAt: number, when: 'before' | 'after') {
    this.ports = around(ports, async (name, call) => {
      if (this.dead) throw new Error('dead');
      this.calls.push(name);
      const last = this.calls.length === dieAt;
      if (last && when === 'before') this.dead = true;
      const result = this.dead ? undefined : await call();
      if (last) this.dead = true;
      if (this.dead) throw new Error('dead');
      return result;
    });
  }
}

interface Delivery {
  readonly work: OutboundWork;
  readonly visibleAt: number;
}

/**
 * Plays SQS, with one process that dies at its n-th call and healthy ones after it, until the queue
 * is empty. SES reports each accepted mail after `eventSeconds`, or never.
 */
async function play(
  dieAt: number,
  when: 'before' | 'after',
  eventSeconds: number,
  status: 'verified' | 'lost' = 'verified',
  isCarried = false,
) {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.givenHeld('example.com');
  if (status === 'lost') {
    await testEnvironment.claims.update(claim, { ...claim, version: claim.version + 1, status });
  }
  const work = isCarried
    ? testEnvironment.givenCarried(claim, { recipients: 120 })
    : await testEnvironment.givenAccepted(claim, { recipients: 120 });
  const mortal = new Mortal(testEnvironment.ports, dieAt, when);
  let ports = mortal.ports;
  let queue: Delivery[] = [{ work, visibleAt: testEnvironment.now.getTime() }];
  const events: { at: number; index: number }[] = [];
  for (let turns = 0; queue.length > 0; turns += 1) {
    expect(turns).toBeLessThan(50);
    queue.sort((a, b) => a.visibleAt - b.visibleAt);
    const [delivery, ...rest] = queue as [Delivery, ...Delivery[]];
    for (const { index } of events.filter(({ at }) => at <= delivery.visibleAt)) {
      await testEnvironment.deliverEvent(testEnvironment.mailer.accepted[index]!);
    }
    testEnvironment.now = new Date(Math.max(testEnvironment.now.getTime(), delivery.visibleAt));
    const before = testEnvironment.mailer.accepted.length;
    const { failed } = await testEnvironment.send([delivery.work], {}, ports);
    for (let index = before; index < testEnvironment.mailer.accepted.length; index += 1) {
      events.push({ at: testEnvironment.now.getTime() + eventSeconds * 1000, index });
    }
    const deleted = failed.length === 0 && !(ports === mortal.ports && mortal.dead);
    const again = {
      work: { ...delivery.work, isRedelivered: true },
      visibleAt: testEnvironment.now.getTime() + VISIBILITY_SECONDS * 1000,
    };
    const fresh = testEnvironment.outbound.take().map(({ request, delaySeconds }) => ({
      work: request,
      visibleAt: testEnvironment.now.getTime() + delaySeconds * 1000,
    }));
    queue = [...rest, ...fresh, ...(deleted ? [] : [again])];
    ports = testEnvironment.ports;
  }
  const recipientBatches = await testEnvironment.recipientBatches(work);
  const received = testEnvironment.mailer.accepted.flatMap(({ envelope }) => envelope.recipients);
  return { calls: mortal.calls, recipientBatches, received, advised: testEnvironment.bus.events };
}

const never = Infinity;
const { calls } = await play(0, 'before', 30);

describe('a signer that dies', () => {
  test('the steps are those that this suite dies at', () => {
    const perRecipientBatch = [
      'messages.moveRecipientBatch',
      'mailer.send',
      'messages.moveRecipientBatch',
    ];
    expect(calls).toEqual([
      'messages.get',
      'claims.getHeld',
      'revokedKeys.among',
      'mails.get',
      'keys.get',
      ...perRecipientBatch,
      ...perRecipientBatch,
      ...perRecipientBatch,
      'sendingLog.noteSent',
    ]);
  });

  const steps = calls.flatMap((name, index) =>
    (['before', 'after'] as const).map((when) => [index + 1, when, name] as const),
  );

  // Before the message comes again, and while the recipient batch is unclear.
  describe.each([30, 600])(
    'where SES reports it after %i s, everybody gets one mail',
    (seconds) => {
      test.each(steps)('at step %i, %s %s', async (n, when) => {
        const { recipientBatches, received } = await play(n, when, seconds);
        expect(received.toSorted()).toEqual(addresses(120).toSorted());
        expect(recipientBatches.every(({ state }) => state === 'sent')).toBe(true);
      });
    },
  );

  test.each(steps)(
    'at step %i, %s %s: where SES never reports, doubles are counted',
    async (n, when, name) => {
      const { recipientBatches, received } = await play(n, when, never);
      expect(new Set(received)).toEqual(new Set(addresses(120)));
      const doubled = recipientBatches.filter(
        (recipientBatch) =>
          received.filter((to) => to === recipientBatch.recipients[0]!.address).length > 1,
      );
      // SES's yes was lost: after the call itself, or before the note of it (the second move of a recipient batch).
      const yesWasLost =
        (name === 'mailer.send' && when === 'after') ||
        (name === 'messages.moveRecipientBatch' &&
          when === 'before' &&
          calls[n - 2] === 'mailer.send');
      expect(doubled.length).toBe(yesWasLost ? 1 : 0);
      for (const recipientBatch of doubled) expect(recipientBatch.unclearAttempts).toBe(1);
      expect(recipientBatches.every(({ state }) => state === 'sent')).toBe(true);
      const began =
        name === 'messages.moveRecipientBatch' && when === 'after' && calls[n] === 'mailer.send';
      const unclear = yesWasLost || began || (name === 'mailer.send' && when === 'before');
      expect(unclearAttempts(recipientBatches)).toBe(unclear ? 1 : 0);
    },
  );
});

describe('a signer that dies with a mail that its message carries', async () => {
  const { calls: carrying } = await play(0, 'before', 30, 'verified', true);
  const steps = carrying.flatMap((name, index) =>
    (['before', 'after'] as const).map((when) => [index + 1, when, name] as const),
  );

  test('has the steps of any other, but notes the mail and need not fetch it', () => {
    expect(carrying).toEqual([
      'messages.get',
      'messages.get',
      'messages.create',
      ...calls.slice(1).filter((name) => name !== 'mails.get'),
    ]);
  });

  test.each(steps)('at step %i, %s %s: everybody gets one mail', async (n, when) => {
    const { recipientBatches, received } = await play(n, when, 30, 'verified', true);
    expect(received.toSorted()).toEqual(addresses(120).toSorted());
    expect(recipientBatches.every(({ state }) => state === 'sent')).toBe(true);
  });
});

describe('a signer that dies while it refuses a mail', async () => {
  const { calls: refusing } = await play(0, 'before', never, 'lost');
  const steps = refusing.flatMap((name, index) =>
    (['before', 'after'] as const).map((when) => [index + 1, when, name] as const),
  );

  test('has the steps that this suite dies at', () => {
    const perRecipientBatch = Array.from({ length: 3 }, () => 'messages.moveRecipientBatch');
    expect(refusing).toEqual(['messages.get', 'claims.getHeld', ...perRecipientBatch, 'bus.put']);
  });

  test.each(steps)('at step %i, %s %s: each recipient is published once', async (n, when) => {
    const { recipientBatches, received, advised } = await play(n, when, never, 'lost');
    expect(received).toEqual([]);
    expect(recipientBatches.every(({ state }) => state === 'refused')).toBe(true);
    const events = new Map(advised.map((event) => [event.id, event]));
    expect([...events.values()].map(({ data }) => String(data['recipient'])).toSorted()).toEqual(
      addresses(120).toSorted(),
    );
    expect(new Set(advised.map(({ type }) => type))).toEqual(new Set(['message.refused']));
    // Twice at most, with the same ids, where an earlier publication was not confirmed.
    expect(advised.length).toBeLessThanOrEqual(240);
  });
});

test('one SQS message delivered five times at once leaves one mail, however the calls interleave', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const testEnvironment = new TestEnvironment();
      const claim = await testEnvironment.givenHeld('example.com');
      const work = await testEnvironment.givenAccepted(claim, { recipients: 60 });
      const deliveries = Promise.all(
        Array.from({ length: 5 }, () =>
          testEnvironment.send(
            [work],
            {},
            around(testEnvironment.ports, (name, call) =>
              scheduler.schedule(Promise.resolve(), name).then(call),
            ),
          ),
        ),
      );
      await scheduler.waitFor(deliveries);
      const received = testEnvironment.mailer.accepted.flatMap(
        ({ envelope }) => envelope.recipients,
      );
      expect(received.toSorted()).toEqual(addresses(60).toSorted());
    }),
    { numRuns: 60 },
  );
});

test('an SES event that arrives at any moment of an attempt is never overwritten', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const testEnvironment = new TestEnvironment();
      const claim = await testEnvironment.givenHeld('example.com');
      const work = await testEnvironment.givenAccepted(claim);
      const scheduled = around(testEnvironment.ports, async (name, call) => {
        await scheduler.schedule(Promise.resolve(), name);
        const result = await call();
        if (name === 'mailer.send') events.push(deliverEvent());
        return result;
      });
      const events: Promise<unknown>[] = [];
      const deliverEvent = async () => {
        await scheduler.schedule(Promise.resolve(), 'event');
        await testEnvironment.deliverEvent(testEnvironment.mailer.accepted[0]!);
      };
      testEnvironment.mailer.faults.push('reset-after');
      await scheduler.waitFor(testEnvironment.send([work], {}, scheduled));
      await scheduler.waitFor(Promise.all(events));
      expect(await testEnvironment.recipientBatches(work)).toMatchObject([
        { state: 'sent', exitId: 'ses-1' },
      ]);
      expect(testEnvironment.mailer.accepted.length).toBe(1);
    }),
    { numRuns: 60 },
  );
});
