import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';
import { prepareSubmission } from '#shared/core/mail/submission.ts';
import { panel, rejections, requirePanel } from '../../../support/panel/index.ts';
import { bodyOf, relaxedByTheBook } from './by-the-book.ts';
import { now, rsaKey } from './keys.ts';

const header =
  'From: Alice <a@b.example>\r\nTo: c@d.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n';

/** Messages that pass the submission channel, some with repairs. */
const cases: Record<string, string> = {
  plain: `${header}\r\nHello,\r\n  World  \r\n\r\n`,
  'no-body': `${header}\r\n`,
  'only-white-space': `${header}\r\n \t \r\n`,
  'form-feed': `${header}\r\nx \fy\f\r\n`,
  'only-crlf': `${header}\r\n\r\n\r\n\r\n`,
  'trailing-white-space': `${header}\r\nx\r\n \r\n\t\r\n`,
  '8-bit-body': `${header}\r\nGr\u00c3\u00bc\u00c3\u009fe \u00fc \r\n`,
  'nbsp-vt-esc': `${header}\r\nx\u00a0 \v \u001b\u00a0\r\n`,
  'fold-after-colon': `${header}Cc:\r\n x@b.example\r\n\r\nx\r\n`,
  'white-space-before-colon': `${header}Cc \t: x@b.example\r\n\r\nx\r\n`,
  'fold-of-white-space': `${header}Cc: x@b.example\r\n \t\r\n ,y@b.example\r\n\r\nx\r\n`,
  'mixed-case': `${header.replace('Subject', 'sUbJeCt').replace('From', 'FROM')}\r\nx\r\n`,
  'empty-values': `${header}Cc:\r\nReply-To: \r\nSender:\t\r\n\r\nx\r\n`,
  duplicates: `${header}Received: 1\r\nX: y\r\nReceived: 2\r\n\r\nx\r\n`,
  'many-fields': `${'X-Filler: y\r\n'.repeat(500)}${header}\r\nx\r\n`,
  'long-field': `${header}References: ${`<${'x'.repeat(70)}>\r\n `.repeat(500)}<y>\r\n\r\nx\r\n`,
  'fields-of-100-KB-together': `${header}${`X-Y: ${'y'.repeat(900)}\r\n ${'z'.repeat(900)}\r\n`.repeat(55)}\r\nx\r\n`,
  'signed-field-of-64-KB': `${header}References: ${'x'.repeat(500)}${`\r\n <${'y'.repeat(95)}>`.repeat(649)}\r\n\r\nx\r\n`,
  dots: `${header}\r\n.\r\n..\r\n`,
  'large-body': `${header}\r\n${'Lorem  ipsum \t dolor\r\n'.repeat(20_000)}`,
};

const names: string[] = [];
const messages: Buffer[] = [];
const verifiers = panel();

/** A day after the mails were signed. */
const question = {
  domain: 'b.example',
  keys: { 'zero._domainkey.b.example': rsaKey.record },
  time: now,
};
const signedAt = now - 86_400;

function signed(name: string, text: string): Buffer {
  const submitted = prepareSubmission(Buffer.from(text, 'latin1'), { strict: false });
  if (!submitted.ok) throw new Error(`${name}: ${submitted.refusal.detail}`);
  const message = prepareForSes(submitted.message);
  const signature = signMessage(message, {
    domain: 'b.example',
    selector: 'zero',
    key: rsaKey.privateKey,
    profile: sesProfile,
    time: signedAt,
  });
  return assemble(signature, message);
}

/** A mail with each field that is oversigned, to which somebody adds a second one on top. */
const replayed = [...sesProfile.oversign, ...sesProfile.oversignPresent].map((name) => {
  const own = header.toLowerCase().includes(`${name}:`) ? '' : `${name}: <x@b.example>\r\n`;
  const mail = signed(name, `${header}${own}\r\nHello.\r\n`);
  return Buffer.concat([Buffer.from(`${name}: <evil@d.example>\r\n`), mail]);
});

beforeAll(() => {
  requirePanel(verifiers);
  const bodies = fc
    .sample(bodyOf, { numRuns: 200, seed: 1 })
    .map((body) => relaxedByTheBook(body).toString('latin1'));
  // white space put back in, so that there is something to canonicalize; no octets that the submission channel refuses
  const random = bodies.map((body, i): [string, string] => [
    `random ${i}`,
    `${header}\r\n${body.replace(/\r(?!\n)|\0/g, '').replaceAll('a', ' \t ')}`,
  ]);
  for (const [name, text] of [...Object.entries(cases), ...random]) {
    names.push(name);
    messages.push(signed(name, text));
  }
});

describe.each(verifiers)('$name', (verifier) => {
  const rejected = async (time: number, some = messages) =>
    (await rejections([verifier], some, { ...question, time })).map(
      ({ index, verdict }) => `${names[index]}: ${verdict}`,
    );

  test.skipIf(!verifier.installed)(
    'accepts every signature',
    async () => {
      expect(messages).toHaveLength(Object.keys(cases).length + 200);
      expect(await rejected(now)).toEqual([]);
    },
    60_000,
  );

  test.skipIf(!verifier.installed)(
    'accepts them if its clock is 3 s or 200 s behind that of the signer',
    async () => {
      expect(await rejected(signedAt - 3, messages.slice(0, 10))).toEqual([]);
      expect(await rejected(signedAt - 200, messages.slice(0, 10))).toEqual([]);
    },
    60_000,
  );

  test.skipIf(!verifier.installed)(
    'accepts none to which a second Sender, List-Unsubscribe or the like was added',
    async () => {
      expect(await rejections([verifier], replayed, question)).toHaveLength(replayed.length);
    },
    60_000,
  );

  test.skipIf(!verifier.installed)(
    'accepts none that has expired, by the time that it is given',
    async () => {
      expect(await rejected(now + 8 * 86_400)).toHaveLength(messages.length);
    },
    60_000,
  );
});
