import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SigningProfile } from '#shared/core/dkim/profile.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signChunks } from '#shared/core/dkim/sign-chunks.ts';
import { type Signer, signMessage } from '#shared/core/dkim/sign.ts';
import { verifyMessage } from '#shared/core/dkim/verify.ts';
import { normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';
import { chunkSizes, inChunks, octetsOf } from '../mail/messages.ts';
import { type TestKey, dnsOf, ed25519Key, now, rsaKey } from './keys.ts';
import { verifyByMailauth } from './mailauth.ts';

const signer: Signer = {
  domain: 'b.example',
  selector: 'zero',
  key: rsaKey.privateKey,
  profile: sesProfile,
  time: now,
};
const header =
  'From: Alice <a@b.example>\r\nTo: c@d.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n';
const plain = `${header}\r\nHello,\r\n  World  \r\n\r\n`;

function sign(message: string | Buffer, by: Partial<Signer> = {}): Buffer {
  const raw = typeof message === 'string' ? Buffer.from(message, 'latin1') : message;
  return signMessage(parseMessage(raw), { ...signer, ...by });
}

function signed(message: string | Buffer, by: Partial<Signer> = {}): Buffer {
  const raw = typeof message === 'string' ? Buffer.from(message, 'latin1') : message;
  return Buffer.concat([sign(raw, by), raw]);
}

/** Returns our verifier's and mailauth's results for a message with one signature. */
async function verdicts(message: Buffer, key: TestKey = rsaKey): Promise<string[]> {
  const records = { 'zero._domainkey.b.example': key.record };
  const [ours] = await verifyMessage(message, dnsOf(records), now);
  const [theirs] = await verifyByMailauth(message, records, now);
  return [ours!.result, theirs!.result];
}

/** The tags of a signature, folds taken out. */
function tagsOf(field: Buffer): Record<string, string> {
  const value = field
    .toString('latin1')
    .replace(/^DKIM-Signature: |\r\n$/g, '')
    .replaceAll('\r\n ', '');
  return Object.fromEntries(
    value
      .split(/; ?/)
      .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
  );
}

const profiles: [string, SigningProfile][] = (['relaxed', 'simple'] as const).flatMap(
  (headerCanonicalization) =>
    (['relaxed', 'simple'] as const).map((bodyCanonicalization): [string, SigningProfile] => [
      `${headerCanonicalization}/${bodyCanonicalization}`,
      { ...sesProfile, headerCanonicalization, bodyCanonicalization },
    ]),
);

describe('both verifiers accept', () => {
  test.each([
    ['a plain message', plain],
    ['no body', `${header}\r\n`],
    ['no empty line after the header', header],
    ['a header that the end cuts off', header.trimEnd()],
    ['only CRLFs', `${header}\r\n\r\n\r\n\r\n`],
    ['only white space', `${header}\r\n \t `],
    ['trailing lines of white space', `${header}\r\nx\r\n \r\n\t\r\n`],
    ['no final line end', `${header}\r\nx`],
    ['bare LF in the body', `${header}\r\nx\n\ny \n`],
    ['a bare CR in the body', `${header}\r\nx\ry \r z\r\n`],
    ['CR CR LF', `${header}\r\nx\r\r\n`],
    ['NUL in the body', `${header}\r\nx\0y \0\r\n`],
    ['8-bit in the body', `${header}\r\nGr\u00c3\u00bc\u00c3\u009fe \u00fc \r\n`],
    ['NBSP, FF and VT in the body', `${header}\r\nx\u00a0 \f \v\u00a0\r\n`],
    [
      'UTF-8 in the header',
      `${header}Reply-To: "Gr\u00c3\u00bc\u00c3\u009fe" <x@b.example>\r\n\r\nx\r\n`,
    ],
    ['invalid UTF-8 in the header', `${header}References: \u00ff\u00fe\r\n\r\nx\r\n`],
    ['NBSP at the edges of a value', `${header}Cc:\u00a0x\u00a0\r\n\r\nx\r\n`],
    ['a fold right after the colon', `${header}Cc:\r\n x@b.example\r\n\r\nx\r\n`],
    ['white space before the colon', `${header}Cc \t: x@b.example\r\n\r\nx\r\n`],
    ['a fold of white space only', `${header}Cc: x\r\n \t\r\n y \r\n \r\n\r\nx\r\n`],
    ['mixed case', plain.replace('Subject', 'sUbJeCt').replace('From', 'FROM')],
    ['an empty value', `${header}Cc:\r\nReply-To: \r\nSender:\t\r\n\r\nx\r\n`],
    ['duplicates', `${header}List-Id: <1>\r\nX: y\r\nList-Id: <2>\r\nCc: x\r\nCc: y\r\n\r\nx\r\n`],
    [
      'an existing DKIM-Signature of somebody else',
      `${header}DKIM-Signature: v=2; nonsense\r\n\r\nx\r\n`,
    ],
    [
      'a field of 100 KB',
      `${header}References: ${`<${'x'.repeat(70)}>\r\n `.repeat(1_400)}<y>\r\n\r\nx\r\n`,
    ],
    ['5,000 fields', `${'X-Filler: y\r\n'.repeat(5_000)}${header}\r\nx\r\n`],
    [
      'long names of the domain',
      `${header}List-Unsubscribe: <https://b.example/${'u'.repeat(500)}>\r\n\r\nx\r\n`,
    ],
  ])('%s', async (_title, message) => {
    for (const [name, profile] of profiles) {
      for (const key of [rsaKey, ed25519Key]) {
        const [ours, theirs] = await verdicts(
          signed(message, { profile, key: key.privateKey }),
          key,
        );
        expect({ name, algorithm: key.algorithm, ours, theirs }).toEqual({
          name,
          algorithm: key.algorithm,
          ours: 'pass',
          theirs: 'pass',
        });
      }
    }
  });

  test('random messages, in each canonicalization', async () => {
    await fc.assert(
      fc.asyncProperty(octetsOf, fc.constantFrom(...profiles), async (octets, [, profile]) => {
        const raw = normalizeLineEnds(Buffer.concat([Buffer.from(plain), octets]));
        expect(
          await verdicts(signed(raw, { profile, key: ed25519Key.privateKey }), ed25519Key),
        ).toEqual(['pass', 'pass']);
      }),
      { numRuns: 300 },
    );
  });
});

test('a message in chunks is signed as the whole is', async () => {
  await fc.assert(
    fc.asyncProperty(octetsOf, chunkSizes, async (octets, sizes) => {
      const raw = Buffer.concat([Buffer.from(plain), octets]);
      async function* chunks() {
        yield* inChunks(raw, sizes);
      }
      const by = { ...signer, key: ed25519Key.privateKey };
      expect((await signChunks(chunks(), by)).toString()).toBe(
        sign(normalizeLineEnds(raw), by).toString(),
      );
    }),
    { numRuns: 300 },
  );
});

describe('adding or changing a covered field in transit', () => {
  const forged: [string, string][] = [
    ['From', 'x@evil.example'],
    ['To', 'x@evil.example'],
    ['Cc', 'x@evil.example'],
    ['Subject', 'Evil'],
    ['Reply-To', 'x@evil.example'],
    ['MIME-Version', '2.0'],
    ['Content-Type', 'text/html'],
    ['Content-Transfer-Encoding', 'base64'],
  ];
  const full = prepareForSes(
    parseMessage(
      Buffer.from(
        'From: a@b.example\r\nTo: c@d.example\r\nCc: e@d.example\r\nSubject: x\r\nReply-To: a@b.example\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\n\r\nx\r\n',
      ),
    ),
  );
  const bare = prepareForSes(parseMessage(Buffer.from('From: a@b.example\r\n\r\nx\r\n')));

  test.each(forged)(
    'a forged %s makes the signature fail, wherever it is put and whether or not there was one',
    async (name, value) => {
      for (const message of [full, bare]) {
        const text = assemble(signMessage(message, signer), message).toString();
        const field = `${name}: ${value}\r\n`;
        const end = text.indexOf('\r\n\r\n') + 2;
        const afterSignature = text.indexOf('From: ');
        for (const at of [0, afterSignature, end]) {
          const [ours, theirs] = await verdicts(
            Buffer.from(`${text.slice(0, at)}${field}${text.slice(at)}`),
          );
          expect([ours, theirs]).toEqual(['fail', 'fail']);
        }
      }
    },
  );

  test.each(forged.map(([name]) => name))('a removed or changed %s makes it fail', async (name) => {
    const text = assemble(signMessage(full, signer), full).toString();
    const field = new RegExp(`^${name}: .*\r\n`, 'm');
    expect(await verdicts(Buffer.from(text.replace(field, '')))).toEqual(
      expect.not.arrayContaining(['pass']),
    );
    expect(await verdicts(Buffer.from(text.replace(field, `${name}: changed\r\n`)))).toEqual([
      'fail',
      'fail',
    ]);
  });

  test.each(['Date', 'Message-ID', 'Return-Path', 'Feedback-ID', 'Bounces-To', 'Received'])(
    'SES or an SMTP relay may add or change %s',
    async (name) => {
      const message = parseMessage(Buffer.from(`${name}: before\r\n${plain}`));
      const text = assemble(signMessage(message, signer), message).toString();
      expect(
        await verdicts(Buffer.from(text.replace(`${name}: before`, `${name}: after`))),
      ).toEqual(['pass', 'pass']);
      expect(await verdicts(Buffer.from(`${name}: new\r\n${text}`))).toEqual(['pass', 'pass']);
    },
  );

  test('a list may add Sender and List-* fields', async () => {
    const text = signed(plain).toString();
    expect(
      await verdicts(
        Buffer.from(`Sender: l@list.example\r\nList-Id: <l>\r\nList-Unsubscribe: <x>\r\n${text}`),
      ),
    ).toEqual(['pass', 'pass']);
  });

  test('a changed body makes it fail', async () => {
    expect(await verdicts(Buffer.from(signed(plain).toString().replace('World', 'W0rld')))).toEqual(
      ['fail', 'fail'],
    );
  });
});

describe('the field', () => {
  test('says what it should and no more', () => {
    const tags = tagsOf(sign(plain.replace('Subject', 'List-Id: <1>\r\nList-Id: <2>\r\nSubject')));
    expect(Object.keys(tags)).toEqual(['v', 'a', 'c', 'd', 's', 't', 'x', 'h', 'bh', 'b']);
    expect(tags).toMatchObject({
      v: '1',
      a: 'rsa-sha256',
      c: 'relaxed/relaxed',
      d: 'b.example',
      s: 'zero',
      t: `${now - 300}`,
      x: `${now - 300 + 604_800}`,
    });
    expect(tags['h']).toBe(
      'from:from:to:to:cc:subject:subject:reply-to:mime-version:mime-version:content-type:content-type:content-transfer-encoding:list-id:list-id:list-id',
    );
    expect(tags['b']).toHaveLength(344);
  });

  test('names no field that SES rewrites', () => {
    const names = [...sesProfile.sign, ...sesProfile.oversign, ...sesProfile.oversignPresent];
    for (const name of ['message-id', 'date', 'return-path', 'bounces-to', 'feedback-id'])
      expect(names).not.toContain(name);
  });

  test('has t= in whole seconds a little back, and no x= where the profile has none', () => {
    const tags = tagsOf(
      sign(plain, { time: now + 0.999, profile: { ...sesProfile, lifetimeSeconds: undefined } }),
    );
    expect(tags['t']).toBe(`${now - 300}`);
    expect(tags).not.toHaveProperty('x');
  });

  test('is folded only after ; and :, in lines of at most 78 where there is a place to fold', () => {
    const field = sign(`${header}${'List-Id: <1>\r\n'.repeat(30)}\r\n`, {
      domain: `${'d'.repeat(60)}.${'e'.repeat(60)}.example`,
    }).toString();
    expect(field).toMatch(/^DKIM-Signature: [^\r\n]*(?:[;:]\r\n [^\r\n]+)+\r\n$/);
    for (const line of field.split('\r\n')) {
      if (line.length > 78) expect(line).toMatch(/^ [db]=[^;:]+;?$/);
    }
  });

  test('is the same again and again, but for the time', () => {
    expect(sign(plain).toString()).toBe(sign(plain).toString());
    expect(sign(plain).toString()).not.toBe(sign(plain, { time: now + 1 }).toString());
  });

  test('covers each number of instances with a list of its own', async () => {
    for (const count of [0, 1, 2, 7, 0, 1]) {
      const message = `${'Cc: x@y.example\r\n'.repeat(count)}${plain}`;
      const names = tagsOf(sign(message)).h!.split(':');
      expect(names.filter((name) => name === 'cc')).toHaveLength(count + 1);
      expect(await verdicts(signed(message))).toEqual(['pass', 'pass']);
    }
  });
});

const added = (name: string, message: string) =>
  Buffer.concat([Buffer.from(`${name}: x\r\n`), signed(message)]);

describe('a field that is added in transit', () => {
  test.each(sesProfile.oversignPresent)('breaks the signature of a mail with %s', async (name) => {
    const [ours] = await verdicts(added(name, `${name}: y\r\n${plain}`));
    expect(ours).toBe('fail');
  });

  test.each(sesProfile.oversignPresent)('is no matter for a mail without %s', async (name) => {
    expect(await verdicts(added(name, plain))).toEqual(['pass', 'pass']);
  });
});

describe('there is an error, not unsigned mail,', () => {
  test('without From', () => {
    expect(() => sign('To: a@b.example\r\n\r\nx')).toThrow(
      expect.objectContaining({ name: 'SigningError', code: 'from-missing' }),
    );
  });

  test.each([
    '',
    'B.example',
    'b.example.',
    'bücher.example',
    'b.example; l=0',
    'b.example\r\nX: y',
    '-b.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}bb`,
  ])('for the domain or selector %j', (name) => {
    const fault = expect.objectContaining({
      code: 'name-invalid',
      message: expect.stringContaining('DNS labels') as string,
    });
    expect(() => sign(plain, { domain: name })).toThrow(fault);
    expect(() => sign(plain, { selector: name })).toThrow(fault);
  });

  test('for a key that cannot sign, or that verifiers refuse', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey;
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const [key, text] of [
      [createPublicKey(rsaKey.privateKey), 'public key'],
      [curve, 'type ec'],
      [small, '512 bits'],
    ] as const) {
      expect(() => sign(plain, { key })).toThrow(
        expect.objectContaining({
          code: 'key-unusable',
          message: expect.stringContaining(text) as string,
        }),
      );
    }
  });

  test('where h= would make the field longer than verifiers take', () => {
    expect(() => sign(`${'To: x@y.example\r\n'.repeat(5_000)}${plain}`)).toThrow(
      expect.objectContaining({
        code: 'signature-too-long',
        message: expect.stringContaining('Remove repeated') as string,
      }),
    );
    expect(sign(`${'To: x@y.example\r\n'.repeat(600)}${plain}`).length).toBeLessThan(4_000);
  });
});
