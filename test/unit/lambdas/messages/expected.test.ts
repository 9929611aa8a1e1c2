import { expect, test } from 'vitest';
import { expectedAtOf } from '../../../../lambdas/messages/expected.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import { newRecipientBatches, refuseRecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';
import { MemoryRateSchedules } from '../../../fakes/rate-schedules.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const tenant = 't_a' as TenantId;
const addresses = Array.from({ length: 60 }, (_, index) => `r${index}@example.net`);

function given(changes: Partial<Message> = {}): StoredMessage {
  const message: Message = {
    tenant,
    id: 'm_a' as MessageId,
    domain: 'example.com' as DomainName,
    createdAt: now.toISOString(),
    size: 100,
    fingerprint: 'f',
    ...changes,
  };
  return { message, recipientBatches: newRecipientBatches(addresses) };
}

/** 200 recipients of the tenant are in line, at 10 a second. */
const rateSchedules = new MemoryRateSchedules();
rateSchedules.stored = {
  rate: 10,
  freeAt: now.getTime(),
  virtualTime: 1_000,
  unused: 0,
  ends: { [tenant]: 1_200 },
  rateAskedAt: now.getTime(),
};

/** Seconds from now. */
async function expectedIn(stored: StoredMessage): Promise<number | undefined> {
  const at = await expectedAtOf({ rateSchedules, clock: { now: () => now } }, stored);
  return at && (at.getTime() - now.getTime()) / 1_000;
}

test('a mail leaves when all before its place have left', async () => {
  expect(await expectedIn(given({ place: 1_100 }))).toBe(10);
  expect(await expectedIn(given({ place: 900 }))).toBe(0);
});

test('a mail without a place is expected at the end of its tenant’s line', async () => {
  expect(await expectedIn(given())).toBe(20);
});

test('of a mail that has left in part the next call counts', async () => {
  const { message, recipientBatches } = given({ place: 1_100 });
  const [first, second] = recipientBatches;
  const refused = refuseRecipientBatch(first!, 'no', now);
  expect(await expectedIn({ message, recipientBatches: [refused, second!] })).toBe(15);
});

test('of a slowed sender the line moves on by its share', async () => {
  const slowed = new MemoryRateSchedules();
  const ends = { [tenant]: 2_000 };
  slowed.stored = { ...rateSchedules.stored!, ends, shares: { [tenant]: 0.1 } };
  const { message, recipientBatches } = given({ place: 1_100 });
  const [first, second] = recipientBatches;
  const refused = refuseRecipientBatch(first!, 'no', now);
  const stored = { message, recipientBatches: [refused, second!] };
  const at = await expectedAtOf({ rateSchedules: slowed, clock: { now: () => now } }, stored);
  // 100 places before the mail and 500 of its own first call: a tenth is served of each.
  expect(at!.getTime() - now.getTime()).toBe(6_000);
});

test('nothing is expected of a mail that is held, or of which nothing waits', async () => {
  const at = now.toISOString();
  const held = { code: 'key-not-published', since: at, until: at } as const;
  expect(await expectedIn(given({ held }))).toBeUndefined();
  const { message, recipientBatches } = given();
  const refused = recipientBatches.map((each) => refuseRecipientBatch(each, 'no', now));
  expect(await expectedIn({ message, recipientBatches: refused })).toBeUndefined();
});
