import { beforeEach, describe, expect, test } from 'vitest';
import {
  applySesEvents,
  type SesEventsPorts,
} from '../../../../lambdas/ses-events/apply-events.ts';
import {
  beginAttempt,
  loseAttempt,
  newRecipientBatches,
} from '#shared/core/model/recipient-batch.ts';
import { messageIdOf, tenantIdOf, type DomainName } from '#shared/core/model/names.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { givenSesEvents } from '../../../fakes/given-ses-events.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const lease = { until: now, by: 'me' };
const timestamp = now.toISOString();
const tenant = tenantIdOf(new Uint8Array(16));
const id = messageIdOf(new Uint8Array(16));
const addresses = ['a@example.net', 'b@example.net'];

let messages: MemoryMessageStore;
let suppressions: MemorySuppressionStore;
let bus: MemoryEventBus;
let logged: string[];
let ports: SesEventsPorts;

beforeEach(async () => {
  messages = new MemoryMessageStore();
  suppressions = new MemorySuppressionStore();
  bus = new MemoryEventBus();
  ({ ports, logged } = givenSesEvents({ messages, suppressions, bus }));
  const domain = 'example.com' as DomainName;
  const message = { tenant, id, domain, createdAt: timestamp, size: 1, fingerprint: 'f' };
  const recipientBatches = newRecipientBatches(addresses).map((recipientBatch) =>
    beginAttempt(recipientBatch, lease),
  );
  await messages.create(message, recipientBatches);
});

const event = (eventType: string, part: object, to = { tenant, id, recipientBatch: 0 }) =>
  JSON.stringify({
    eventType,
    mail: {
      timestamp,
      messageId: 'ses-1',
      destination: addresses,
      tags: {
        tenant: [to.tenant],
        message: [to.id],
        chunk: [String(to.recipientBatch)],
        attempt: ['1'],
      },
    },
    ...part,
  });
const send = (to?: { tenant: typeof tenant; id: typeof id; recipientBatch: number }) =>
  event('Send', { send: {} }, to);
const bounce = (
  bounceType: string,
  to?: { tenant: typeof tenant; id: typeof id; recipientBatch: number },
  emailAddress = 'A@example.net',
) =>
  event('Bounce', { bounce: { timestamp, bounceType, bouncedRecipients: [{ emailAddress }] } }, to);
const complaint = (complaintFeedbackType: string) =>
  event('Complaint', {
    complaint: {
      timestamp,
      complaintFeedbackType,
      complainedRecipients: [{ emailAddress: 'A@example.net' }],
    },
  });
const delivery = (...recipients: string[]) =>
  event('Delivery', { delivery: { timestamp, recipients } });
const states = async () =>
  (await messages.recipientBatch(tenant, id, 0))!.recipients.map(({ state }) => state);

describe('applySesEvents', () => {
  test('events of one recipient batch reach its status in one write', async () => {
    const before = (await messages.recipientBatch(tenant, id, 0))!.revision;
    const bodies = [delivery('a@example.net'), send(), delivery('b@example.net')];
    expect(await applySesEvents(ports, bodies)).toEqual({ failed: [], unmatched: 0 });
    expect(await messages.recipientBatch(tenant, id, 0)).toMatchObject({
      state: 'sent',
      exitId: 'ses-1',
      revision: before + 1,
    });
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  test('an unclear recipient batch is settled by the event of its attempt', async () => {
    const recipientBatch = (await messages.recipientBatch(tenant, id, 0))!;
    await messages.moveRecipientBatch(tenant, id, loseAttempt(recipientBatch, now));
    await applySesEvents(ports, [send()]);
    expect(await messages.recipientBatch(tenant, id, 0)).toMatchObject({
      state: 'sent',
      unclearAttempts: 0,
    });
  });

  test('the same events again write nothing', async () => {
    await applySesEvents(ports, [send(), delivery('a@example.net')]);
    const { revision } = (await messages.recipientBatch(tenant, id, 0))!;
    await applySesEvents(ports, [delivery('a@example.net'), send()]);
    expect((await messages.recipientBatch(tenant, id, 0))!.revision).toBe(revision);
  });

  test('functions that meet at one recipient batch lose nothing', async () => {
    const bodies = [send(), delivery('a@example.net'), delivery('b@example.net')];
    const results = await Promise.all(bodies.map((body) => applySesEvents(ports, [body])));
    expect(results.map(({ failed }) => failed)).toEqual([[], [], []]);
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  test('one that cannot be read fails alone', async () => {
    expect(await applySesEvents(ports, ['x', send()])).toEqual({ failed: [0], unmatched: 0 });
    expect(await states()).toEqual(['sent', 'sent']);
  });

  test('events of a message that is gone, or of no tenant, are dropped, counted and logged', async () => {
    const gone = { tenant, id: messageIdOf(new Uint8Array(16).fill(9)), recipientBatch: 0 };
    const noRecipientBatch = { tenant, id, recipientBatch: 7 };
    const foreign = event('Open', { open: {} });
    const result = await applySesEvents(ports, [
      send(gone),
      send(noRecipientBatch),
      foreign,
      send(),
    ]);
    expect(result).toEqual({ failed: [], unmatched: 3 });
    expect(logged).toHaveLength(3);
  });

  test('another tenant’s tag does not reach the message', async () => {
    const stranger = tenantIdOf(new Uint8Array(16).fill(7));
    expect(
      await applySesEvents(ports, [send({ tenant: stranger, id, recipientBatch: 0 })]),
    ).toEqual({
      failed: [],
      unmatched: 1,
    });
    expect(await states()).toEqual(['accepted', 'accepted']);
  });

  test('while the table is out, all events of the recipient batch come again', async () => {
    const down = {
      recipientBatch: () => Promise.reject(new Error('out')),
      moveRecipientBatch: () => Promise.reject(new Error('out')),
    };
    const result = await applySesEvents({ ...ports, messages: down }, [
      send(),
      delivery('a@example.net'),
    ]);
    expect(result).toEqual({ failed: [0, 1], unmatched: 0 });
  });

  test('a recipient batch that others always write first is given back', async () => {
    const contended = {
      recipientBatch: messages.recipientBatch.bind(messages),
      moveRecipientBatch: () => Promise.resolve(false),
    };
    expect(await applySesEvents({ ...ports, messages: contended }, [send()])).toMatchObject({
      failed: [0],
    });
  });

  test.each([
    ['bounced for good', bounce('Permanent'), 'bounce'],
    ['complained', complaint('abuse'), 'complaint'],
  ])('a recipient who %s comes onto the suppression list, once', async (_how, body, reason) => {
    await applySesEvents(ports, [body, body]);
    await applySesEvents(ports, [body]);
    expect((await suppressions.list(tenant, { limit: 9 })).suppressions).toEqual([
      expect.objectContaining({
        address: 'a@example.net',
        reason,
        addedAt: timestamp,
        message: id,
      }),
    ]);
  });

  test.each([
    ['bounced for a passing reason', bounce('Transient')],
    ['bounced for a reason that nobody knows', bounce('Undetermined')],
    ['took the mail out of the spam folder', complaint('not-spam')],
    [
      'is one of the mailbox simulator',
      bounce('Permanent', undefined, 'bounce+1@Simulator.amazonses.com'),
    ],
  ])('a recipient who %s does not', async (_how, body) => {
    await applySesEvents(ports, [body]);
    expect((await suppressions.list(tenant, { limit: 9 })).suppressions).toEqual([]);
  });

  test('while the suppression list is out, the event comes again', async () => {
    const out = { add: () => Promise.reject(new Error('no answer')) };
    const body = bounce('Permanent');
    expect(await applySesEvents({ ...ports, suppressions: out }, [body])).toMatchObject({
      failed: [0],
    });
    expect(bus.events).toEqual([]);
    await applySesEvents(ports, [body]);
    expect(await suppressions.among(tenant, ['A@example.net'])).toEqual(new Set(['A@example.net']));
    expect(bus.events).toHaveLength(1);
  });

  test('events of a message that is gone put nobody on a list', async () => {
    const gone = messageIdOf(new Uint8Array(16).fill(9));
    await applySesEvents(ports, [bounce('Permanent', { tenant, id: gone, recipientBatch: 0 })]);
    expect((await suppressions.list(tenant, { limit: 9 })).suppressions).toEqual([]);
  });
});

test('each event of a mail has a line in the log, with the ids of the mail and of the exit', async () => {
  const given = givenSesEvents({ messages, suppressions, bus });
  await applySesEvents(given.ports, [send()]);
  expect(given.lines).toEqual([
    {
      message: 'the exit reported of a mail',
      tenant,
      messageId: id,
      recipientBatch: 0,
      state: 'sent',
      exitId: 'ses-1',
      attempt: 1,
      recipients: 2,
    },
  ]);
});
