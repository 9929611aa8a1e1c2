import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { allocateMail } from '#shared/core/mail/room.ts';
import { signedCopy } from '../../../../lambdas/signer/signed-copy.ts';
import { rsaKey } from '../../core/dkim/keys.ts';

const domain = 'example.com' as DomainName;
const now = new Date('2026-11-30T12:00:00Z');
const kinds = [
  ['signed', { selector: 's1', key: rsaKey.privateKey }],
  ['unsigned', undefined],
] as const;

/** The copy of a mail in memory as it is read from its store. */
function copyOf(text: string, signingKey: (typeof kinds)[number][1]): string {
  const mail = allocateMail(text.length);
  mail.write(text, 'latin1');
  return signedCopy(mail, { domain, signingKey, profile: sesProfile, now }).toString('latin1');
}

/** Pieces of a mail whose line ends are CRLF, LF, or either. */
const ends = fc.constantFrom('\r\n', '\n');
const body = fc
  .array(fc.tuple(fc.constantFrom('', 'a', 'a  b ', '\t', 'x'.repeat(70_000)), ends), {
    maxLength: 6,
  })
  .map((lines) => lines.flat().join(''));
const header = fc
  .tuple(ends, ends, ends, fc.constantFrom('', 'Bcc: c@example.net\r\n', 'MIME-Version: 1.0\n'))
  .map(
    ([a, b, c, more]) =>
      `From: a@example.com${a}Subject: x${b} folded${a}${more}To: b@example.net${c}${b}`,
  );

describe.each(kinds)('a copy that is %s', (_name, signingKey) => {
  test('is the same whichever line ends the stored mail has', () => {
    fc.assert(
      fc.property(header, body, (before, after) => {
        const text = before + after;
        const copy = copyOf(text, signingKey);
        expect(copy).not.toMatch(/(?<!\r)\n/);
        expect(copy).toBe(copyOf(text.replaceAll(/\r?\n/g, '\r\n'), signingKey));
      }),
    );
  });

  test('is not made under a name that the mail is not from', () => {
    expect(() => copyOf('From: a@example.net\n\nx', signingKey)).toThrow('not from example.com');
  });
});
