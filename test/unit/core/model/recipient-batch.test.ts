import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEvents,
  beginAttempt,
  endAttempt,
  loseAttempt,
  newRecipientBatches,
  nextStep,
  refuseRecipientBatch,
  type AttemptOutcome,
  type RecipientBatch,
  type RecipientEvent,
} from '#shared/core/model/recipient-batch.ts';

const start = new Date('2026-11-20T10:00:00.000Z');
const lease = (seconds: number) => ({ until: after(seconds), by: 'me' });
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const settings = { unclearSeconds: 900, unclearPolicy: 'resend' as const };

const queued = (addresses = ['a@example.net', 'b@example.net']): RecipientBatch =>
  newRecipientBatches(addresses)[0]!;
const sending = (): RecipientBatch => beginAttempt(queued(), lease(60));
const unclear = (): RecipientBatch => loseAttempt(sending(), after(60));
const event = (changes: Partial<RecipientEvent> = {}): RecipientEvent => ({
  state: 'sent',
  addresses: ['a@example.net', 'b@example.net'],
  attempt: 1,
  exitId: 'ses-1',
  at: start.toISOString(),
  ...changes,
});
/** All but how often it was written. */
const content = (recipientBatch: RecipientBatch) => ({ ...recipientBatch, revision: 0 });
const states = (recipientBatch: RecipientBatch) =>
  recipientBatch.recipients.map(({ state }) => state);

describe('newChunks', () => {
  test('120 recipients make three recipient batches of at most 50, none lost, in order', () => {
    const addresses = Array.from({ length: 120 }, (_, i) => `r${i}@example.net`);
    const recipientBatches = newRecipientBatches(addresses);
    expect(recipientBatches.map(({ recipients }) => recipients.length)).toEqual([50, 50, 20]);
    expect(recipientBatches.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(recipientBatches.flatMap(({ recipients }) => recipients.map((r) => r.address))).toEqual(
      addresses,
    );
  });
});

describe('nextStep', () => {
  test('a queued recipient batch is sent, one at its end is left alone', () => {
    expect(nextStep(queued(), start, settings)).toEqual({ kind: 'send' });
    expect(nextStep(refuseRecipientBatch(queued(), 'no', start), start, settings)).toEqual({
      kind: 'none',
    });
    const sent = endAttempt(sending(), 1, { kind: 'sent', exitId: 'x' }, start);
    expect(nextStep(sent, start, settings)).toEqual({ kind: 'none' });
  });

  test('a recipient batch under lease waits for its end, and is lost from then on', () => {
    expect(nextStep(sending(), after(59), settings)).toEqual({ kind: 'wait', until: after(60) });
    expect(nextStep(sending(), after(60), settings)).toEqual({ kind: 'lose' });
  });

  test('an unclear recipient batch waits for an event, then is sent again or held as the policy says', () => {
    const until = after(60 + 900);
    expect(nextStep(unclear(), after(959), settings)).toEqual({ kind: 'wait', until });
    expect(nextStep(unclear(), until, settings)).toEqual({ kind: 'send' });
    expect(nextStep(unclear(), until, { ...settings, unclearPolicy: 'hold' })).toEqual({
      kind: 'hold',
    });
  });
});

describe('endAttempt', () => {
  test('a throttled recipient batch is queued again under the same attempt count, with the reason', () => {
    const outcome: AttemptOutcome = { kind: 'throttled', reason: 'slow', waitSeconds: 1 };
    const recipientBatch = endAttempt(sending(), 1, outcome, start);
    expect(recipientBatch).toMatchObject({
      state: 'queued',
      attempt: 1,
      reason: 'slow',
      revision: 3,
    });
    expect(recipientBatch.leaseUntil).toBeUndefined();
  });

  test('a refused recipient batch is at its end, with the reason', () => {
    const recipientBatch = endAttempt(sending(), 1, { kind: 'refused', reason: 'never' }, start);
    expect(recipientBatch).toMatchObject({
      state: 'refused',
      reason: 'never',
      refusedAt: start.toISOString(),
    });
  });

  test('a known outcome that comes after the lease was given up still counts', () => {
    const sent = endAttempt(unclear(), 1, { kind: 'sent', exitId: 'late' }, after(70));
    expect(sent).toMatchObject({ state: 'sent', exitId: 'late', unclearAttempts: 0 });
    const outcome: AttemptOutcome = { kind: 'throttled', reason: 'slow', waitSeconds: 1 };
    expect(endAttempt(unclear(), 1, outcome, after(70)).state).toBe('queued');
  });

  test('an overtaken attempt changes nothing, but for the news that it was accepted', () => {
    const second = beginAttempt(unclear(), lease(1100));
    expect(endAttempt(second, 1, { kind: 'refused', reason: 'late' }, after(1000))).toBe(second);
    const advised = endAttempt(second, 1, { kind: 'sent', exitId: 'late' }, after(1000));
    expect(advised).toMatchObject({ state: 'sending', attempt: 2, exitId: 'late' });
  });

  test.each<AttemptOutcome>([
    { kind: 'throttled', reason: 'slow', waitSeconds: 1 },
    { kind: 'refused', reason: 'no' },
    { kind: 'unclear', reason: 'reset' },
  ])('after news that an earlier attempt went out, $kind ends it as sent: no third mail', (end) => {
    const second = applyEvents(beginAttempt(unclear(), lease(1100)), [event({ attempt: 1 })]);
    expect(second.state).toBe('sending');
    expect(endAttempt(second, 2, end, after(1001))).toMatchObject({
      state: 'sent',
      exitId: 'ses-1',
    });
  });
});

describe('unclear attempts are counted', () => {
  test('once for each that nothing settled, when it is tried again or given up', () => {
    expect(unclear().unclearAttempts).toBe(0);
    expect(beginAttempt(unclear(), lease(1100)).unclearAttempts).toBe(1);
    expect(refuseRecipientBatch(unclear(), 'no', start).unclearAttempts).toBe(1);
    expect(refuseRecipientBatch(queued(), 'no', start).unclearAttempts).toBe(0);
  });
});

describe('applyEvents', () => {
  test.each(['sending', 'unclear'] as const)(
    'an event settles a recipient batch that is %s',
    (state) => {
      const recipientBatch = applyEvents(state === 'sending' ? sending() : unclear(), [event()]);
      expect(recipientBatch).toMatchObject({ state: 'sent', exitId: 'ses-1' });
      expect(recipientBatch.reason).toBeUndefined();
      expect(states(recipientBatch)).toEqual(['sent', 'sent']);
    },
  );

  test('a delivery alone proves that SES had accepted', () => {
    const recipientBatch = applyEvents(unclear(), [
      event({ state: 'delivered', addresses: ['A@EXAMPLE.net'], detail: '250 ok' }),
    ]);
    expect(recipientBatch.state).toBe('sent');
    expect(recipientBatch.recipients).toEqual([
      { address: 'a@example.net', state: 'delivered', detail: '250 ok' },
      { address: 'b@example.net', state: 'sent' },
    ]);
  });

  test('a late event of an attempt keeps a throttled recipient batch from being sent again', () => {
    const second = beginAttempt(unclear(), lease(1100));
    const outcome: AttemptOutcome = { kind: 'throttled', reason: 'slow', waitSeconds: 1 };
    const waiting = endAttempt(second, 2, outcome, after(1001));
    expect(applyEvents(waiting, [event({ attempt: 1 })]).state).toBe('sent');
  });

  test('an automatic reply after a delivery does not take it back, a bounce does', () => {
    const one = ['a@example.net'];
    const delivered = applyEvents(sending(), [event({ state: 'delivered', addresses: one })]);
    const replied = applyEvents(delivered, [event({ state: 'soft-bounced', addresses: one })]);
    expect(replied).toBe(delivered);
    const bounced = applyEvents(delivered, [event({ state: 'bounced', addresses: one })]);
    expect(states(bounced)[0]).toBe('bounced');
  });

  test('unknown addresses change no recipient', () => {
    const sent = applyEvents(sending(), [event()]);
    expect(applyEvents(sent, [event({ state: 'bounced', addresses: ['x@example.org'] })])).toBe(
      sent,
    );
  });

  const anEvent = fc.record({
    state: fc.constantFrom<RecipientEvent['state']>(
      'sent',
      'delayed',
      'soft-bounced',
      'delivered',
      'bounced',
      'complained',
      'rejected',
    ),
    addresses: fc.subarray(['a@example.net', 'b@example.net', 'c@example.net']),
    attempt: fc.integer({ min: 1, max: 2 }),
    exitId: fc.constant('ses-1'),
    at: fc.constant(start.toISOString()),
  });
  const aRecipientBatch = fc
    .constantFrom('sending', 'unclear', 'second', 'queued-again', 'refused')
    .map((kind): RecipientBatch => {
      const addresses = ['a@example.net', 'b@example.net', 'c@example.net'];
      const first = beginAttempt(queued(addresses), lease(60));
      const lost = loseAttempt(first, after(60));
      const second = beginAttempt(lost, lease(1100));
      const outcome: AttemptOutcome = { kind: 'throttled', reason: 'slow', waitSeconds: 1 };
      switch (kind) {
        case 'sending':
          return first;
        case 'unclear':
          return lost;
        case 'second':
          return second;
        case 'queued-again':
          return endAttempt(second, 2, outcome, after(1001));
        case 'refused':
        default:
          return endAttempt(second, 2, { kind: 'refused', reason: 'no' }, after(1001));
      }
    });
  test('the order of events does not matter, nor how often each comes, nor how they are grouped', () => {
    fc.assert(
      fc.property(
        aRecipientBatch,
        fc.array(anEvent, { maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (recipientBatch, events, picks) => {
          const together = applyEvents(recipientBatch, events);
          const shuffled = [...events, ...events].map((each) => ({
            each,
            key: picks.next().value as number,
          }));
          shuffled.sort((one, other) => one.key - other.key);
          const apart = shuffled.reduce(
            (now, { each }) => applyEvents(now, [each]),
            recipientBatch,
          );
          expect(content(apart)).toEqual(content(together));
          expect(applyEvents(together, events)).toBe(together);
        },
      ),
    );
  });

  test('one write however many events, none where nothing changes', () => {
    fc.assert(
      fc.property(
        aRecipientBatch,
        fc.array(anEvent, { maxLength: 8 }),
        (recipientBatch, events) => {
          const next = applyEvents(recipientBatch, events);
          expect(next.revision - recipientBatch.revision).toBe(next === recipientBatch ? 0 : 1);
        },
      ),
    );
  });
});
