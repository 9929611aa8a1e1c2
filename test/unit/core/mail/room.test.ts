import { describe, expect, test } from 'vitest';
import { allocateMail, withFront } from '#shared/core/mail/room.ts';

const front = Buffer.from('DKIM-Signature: v=1\r\n');
const mailOf = (length: number) => allocateMail(length).fill('mail');

describe('octets before a mail', () => {
  test.each([0, 1, 65_535, 65_536, 1_000_000])(
    'are there, before %i octets as they were',
    (length) => {
      const mail = mailOf(length);
      const before = Buffer.from(mail);
      const whole = withFront(front, mail);
      expect(whole.equals(Buffer.concat([front, before]))).toBe(true);
      expect(mail.equals(before)).toBe(true);
    },
  );

  test('take no memory of their own where there is room before a large mail', () => {
    const mail = mailOf(100_000);
    expect(withFront(front, mail).buffer).toBe(mail.buffer);
    expect(withFront(Buffer.alloc(5_000), mail).buffer).not.toBe(mail.buffer);
  });

  test('never go into the memory of others', () => {
    const foreign = Buffer.alloc(200_000, 'x');
    const part = foreign.subarray(4_096);
    expect(withFront(front, part)).toHaveLength(part.length + front.length);
    expect(foreign.equals(Buffer.alloc(200_000, 'x'))).toBe(true);
    const piece = mailOf(100_000).subarray(10);
    expect(withFront(front, piece).buffer).not.toBe(piece.buffer);
  });
});
