import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conflict, Refusal, Throttled } from '#shared/core/model/errors.ts';
import { submitRefusalCodes } from '#shared/app/sending/submit.ts';
import { refusalReplies, replies, replyTo } from '../../../smtp/replies.ts';
import { reply } from '../../../smtp/reply.ts';

describe('the reply to a refusal', () => {
  it('exists for each that the submit use case makes', () => {
    for (const code of submitRefusalCodes) expect(Object.keys(refusalReplies)).toContain(code);
  });

  it.each([...submitRefusalCodes])('%s: one enhanced code of its class, never 5.1.1', (code) => {
    const { code: number, text } = replyTo(new Refusal(code, 'A sentence.', 30));
    const [enhanced = ''] = text.match(/^\d\.\d+\.\d+/) ?? [];
    expect(enhanced[0]).toBe(String(number)[0]);
    expect(text.match(/\d\.\d+\.\d+/g)).toEqual([enhanced]);
    expect(text).not.toContain('5.1.1 ');
    expect(text).toContain('A sentence.');
    expect(text).toContain('Try again in 30 s.');
  });
});

describe('any reply', () => {
  it('is one line of ASCII, at most 512 octets with its code and line end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (sentence) => {
        const { code, text } = reply(550, '5.7.1', sentence);
        const line = `${code} ${text}\r\n`;
        expect(line).toMatch(/^550 5\.7\.1 [\x20-\x7e]*\r\n$/);
        expect(line.length).toBeLessThanOrEqual(512);
      }),
    );
  });

  it('of the table has one enhanced code of the class of its own', () => {
    const all = [
      replies.accepted('m_x', 2),
      replies.badKey('A reason.'),
      replies.tooManyFailures(10),
      replies.keyStoreOut(),
      replies.signInFirst(),
      replies.suspended(),
      replies.closed(),
      replies.tooManyRecipients(1000),
      replies.draining(),
      replies.fault(),
      replies.busy(),
    ];
    for (const { code, text } of all) {
      expect(text).toMatch(new RegExp(`^${String(code)[0]}\\.\\d\\.\\d `));
      expect(text).not.toMatch(/^5\.1\.1 /);
    }
  });
});

describe('the reply to an error', () => {
  it.each([
    ['a conflict', new Conflict('x'), '4.3.2'],
    ['a throttle', new Throttled('x'), '4.3.2'],
    ['an outage', Object.assign(new Error('x'), { $fault: 'server' }), '4.3.2'],
    ['a fault', new TypeError('x'), '4.3.0'],
    ['a refusal of another use case', new Refusal('not-found', 'x'), '4.3.0'],
  ])('%s is a passing one', (_, error, enhanced) => {
    const { code, text } = replyTo(error);
    expect(code).toBe(451);
    expect(text.startsWith(`${enhanced} `)).toBe(true);
  });
});
