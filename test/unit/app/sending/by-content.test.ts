import { describe, expect, it } from 'vitest';
import { findByContent, isNamed } from '#shared/app/sending/by-content.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import { newRecipientBatches, refuseRecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { Message } from '#shared/core/model/message.ts';
import { parseHeader } from '#shared/core/mail/parse.ts';

const now = new Date('2026-11-29T12:00:00Z');

const stored = (createdAt: string, refused = false): StoredMessage => {
  const [batch] = newRecipientBatches(['b@example.com']);
  return {
    message: { createdAt } as Message,
    recipientBatches: [refused ? refuseRecipientBatch(batch!, 'a reason', now) : batch!],
  };
};

describe('a mail', () => {
  it.each([
    ['Message-ID: <1@a>\r\nDate: x\r\n', true],
    ['Date: x\r\n', false],
    ['Message-ID: <1@a>\r\n', false],
  ])('with the header %j is known again by its content: %s', (header, isKnown) => {
    expect(isNamed(parseHeader(Buffer.from(`${header}\r\nbody`)))).toBe(isKnown);
  });
});

const keyOf = async (earlier: readonly (StoredMessage | undefined)[]) => {
  const find = async (key: string) => ({ key, earlier: earlier[Number(key.split(':')[2])] });
  return (await findByContent('d', find, now)).key;
};

describe('the key of a mail', () => {
  it('is new where the mail never came', async () => {
    expect(await keyOf([])).toBe('content:d:0');
  });

  it('is that of the earlier submission within 5 days', async () => {
    const earlier = [stored('2026-11-24T12:00:01Z')];
    expect(await keyOf(earlier)).toBe('content:d:0');
  });

  it.each([
    ['is 5 days old', stored('2026-11-24T12:00:00Z')],
    ['ended as refused', stored('2026-11-29T11:00:00Z', true)],
  ])('is the next one where the earlier submission %s', async (_, earlier) => {
    expect(await keyOf([earlier])).toBe('content:d:1');
    expect(await keyOf([earlier, stored('2026-11-29T11:30:00Z')])).toBe('content:d:1');
  });
});
