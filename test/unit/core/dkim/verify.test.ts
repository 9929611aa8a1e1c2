import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authenticationResults } from '#shared/core/dkim/authentication-results.ts';
import { bodyCanonicalization } from '#shared/core/dkim/body/canonicalization.ts';
import { BodyHash } from '#shared/core/dkim/body/hash.ts';
import { headerHashInput } from '#shared/core/dkim/header/hash-input.ts';
import { selectFields } from '#shared/core/dkim/header/select.ts';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import type { TxtAnswer } from '#shared/core/dkim/resolver.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { signOctets } from '#shared/core/dkim/algorithm.ts';
import { verifyMessage } from '#shared/core/dkim/verify.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { type TestKey, dnsOf, ed25519Key, now, rsaKey } from './keys.ts';

const name = 'zero._domainkey.b.example';
const plain = 'From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nHello\r\nWorld\r\n';

/**
 * A message signed with the tags given, which may be such as our signer never writes. The body hash
 * and the signature are right for what they say.
 */
function signedWith(
  tags: Record<string, string | undefined>,
  key: TestKey = rsaKey,
  message = plain,
): Buffer {
  const raw = Buffer.from(message);
  const { header, body } = parseMessage(raw);
  const all: Record<string, string | undefined> = {
    v: '1',
    a: key.algorithm,
    c: 'relaxed/relaxed',
    d: 'b.example',
    s: 'zero',
    h: 'from:to:subject',
    ...tags,
  };
  const c = (all['c'] ?? '').toLowerCase().split('/');
  const names = (all['h'] ?? '').split(':').map((field) => field.trim().toLowerCase());
  const hash = new BodyHash(
    bodyCanonicalization(c[1] === 'relaxed' ? 'relaxed' : 'simple'),
    all['l'] === undefined ? undefined : Number(all['l']),
  );
  hash.update(body);
  all['bh'] = 'bh' in tags ? tags['bh'] : hash.digest();
  const list = Object.entries(all).flatMap(([tag, value]) =>
    value === undefined || tag === 'b' ? [] : [`${tag}=${value}`],
  );
  const unsigned = `DKIM-Signature: ${list.join('; ')}; b=`;
  const octets = headerHashInput(
    header,
    selectFields(header.fields, names),
    Buffer.from(unsigned),
    c[0] === 'relaxed' ? 'relaxed' : 'simple',
  );
  const b = 'b' in tags ? '' : signOctets(key.algorithm, octets, key.privateKey).toString('base64');
  return Buffer.concat([Buffer.from(`${unsigned}${b}\r\n`), raw]);
}

async function verdict(message: Buffer, answer: string | TxtAnswer = rsaKey.record, time = now) {
  const results = await verifyMessage(message, dnsOf({ [name]: answer }), time);
  expect(results).toHaveLength(1);
  return { result: results[0]!.result, reason: results[0]!.reason };
}

const because = (result: string, reason: string) => ({
  result,
  reason: expect.stringContaining(reason) as string,
});

describe('a signature passes', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['as our signer writes it', {}],
    ['with simple/simple by default', { c: undefined }],
    ['with simple for the body by default', { c: 'relaxed' }],
    [
      'with white space and folds in its tags',
      { d: ' b.example ', h: ' From :\r\n To : Subject', s: '\r\n\tzero' },
    ],
    ['with upper case in names', { d: 'B.Example', h: 'FROM:TO:SUBJECT', c: 'Relaxed/RELAXED' }],
    ['with i= of the domain', { i: '@b.example' }],
    ['with i= below the domain', { i: 'x@mail.B.example' }],
    ['with i= in quoted-printable', { i: 'a=3Bb@b.example' }],
    ['with q=', { q: 'dns/txt' }],
    ['with several q=', { q: 'x/y : dns/txt' }],
    ['with t= now', { t: `${now}` }],
    ['with x= now', { x: `${now}` }],
    ['with tags that are not known, and z=', { xyz: '1', z: 'From:a@b.example|To:x' }],
    ['with names of fields that are not there', { h: 'from:from:to:cc:subject:x' }],
    ['with a selector of two labels', { s: 'zero' }],
  ])('%s', async (_title, tags) => {
    expect(await verdict(signedWith(tags))).toEqual({ result: 'pass', reason: undefined });
  });

  test('of Ed25519', async () => {
    expect(await verdict(signedWith({}, ed25519Key), ed25519Key.record)).toEqual({
      result: 'pass',
      reason: undefined,
    });
  });

  test('of a domain in U-labels, at the name in A-labels', async () => {
    const results = await verifyMessage(
      signedWith({ d: 'bücher.example', i: '@bücher.example' }),
      dnsOf({ 'zero._domainkey.xn--bcher-kva.example': rsaKey.record }),
      now,
    );
    expect(results).toMatchObject([
      { result: 'pass', signature: { domain: 'xn--bcher-kva.example' } },
    ]);
  });

  test('of a selector of several labels, digits among them', async () => {
    const results = await verifyMessage(
      signedWith({ s: '2026.11' }),
      dnsOf({ '2026.11._domainkey.b.example': rsaKey.record }),
      now,
    );
    expect(results).toMatchObject([{ result: 'pass' }]);
  });

  test('of a selector in U-labels', async () => {
    const results = await verifyMessage(
      signedWith({ s: 'schlüssel' }),
      dnsOf({ 'xn--schlssel-95a._domainkey.b.example': rsaKey.record }),
      now,
    );
    expect(results).toMatchObject([
      { result: 'pass', signature: { selector: 'xn--schlssel-95a' } },
    ]);
  });

  test('through CNAMEs', async () => {
    const dns = dnsOf({
      [name]: { kind: 'alias', target: 'zero.host.example' },
      'zero.host.example': rsaKey.record,
    });
    expect(await verifyMessage(signedWith({}), dns, now)).toMatchObject([{ result: 'pass' }]);
  });

  test('of a message whose lines end in bare LF', async () => {
    expect(
      await verdict(Buffer.from(signedWith({}).toString().replaceAll('\r\n', '\n'))),
    ).toMatchObject({ result: 'pass' });
  });

  test('that is not the first field', async () => {
    expect(
      await verdict(Buffer.from(`Received: x\r\nX: y\r\n${signedWith({}).toString()}`)),
    ).toMatchObject({ result: 'pass' });
  });

  test('and it is said when l= leaves octets uncovered', async () => {
    const all = Buffer.byteLength('Hello\r\nWorld\r\n');
    expect(await verdict(signedWith({ l: `${all}` }))).toEqual({
      result: 'pass',
      reason: undefined,
    });
    expect(await verdict(signedWith({ l: '5' }))).toEqual(because('pass', 'first 5 octets'));
    expect(
      await verdict(Buffer.concat([signedWith({ l: `${all}` }), Buffer.from('more')])),
    ).toEqual(because('pass', `first ${all} octets`));
  });
});

describe('a signature does not pass', () => {
  test.each<[string, Record<string, string | undefined>, string, string]>([
    ...['v', 'a', 'd', 's', 'h', 'bh'].map(
      (tag): [string, Record<string, string | undefined>, string, string] => [
        `without ${tag}=`,
        { [tag]: undefined },
        'neutral',
        `no tag ${tag}=`,
      ],
    ),
    ['of another version', { v: '2' }, 'neutral', 'version 2'],
    ['of an algorithm that is not known', { a: 'rsa-md5' }, 'neutral', 'rsa-md5'],
    ['of rsa-sha1', { a: 'rsa-sha1' }, 'policy', 'RFC 8301'],
    ['of a canonicalization that is not known', { c: 'nowsp/simple' }, 'neutral', 'nowsp'],
    ['with another query method only', { q: 'dns/other' }, 'neutral', 'dns/other'],
    ['without a domain', { d: '' }, 'neutral', 'd='],
    ['with a top-level domain', { d: 'example' }, 'neutral', 'd=example'],
    ['with a domain that is none', { d: 'b..example' }, 'neutral', 'd=b..example'],
    ['with a selector that is none', { s: 'a b' }, 'neutral', 's=a b'],
    ['with i= of another domain', { i: '@d.example' }, 'neutral', 'not under'],
    ['with i= above the domain', { i: '@example' }, 'neutral', 'no address'],
    ['with i= of a name that only ends alike', { i: '@ab.example' }, 'neutral', 'not under'],
    ['with i= without @', { i: 'b.example' }, 'neutral', 'no address'],
    ['that does not cover From', { h: 'to:subject' }, 'neutral', 'From'],
    ['with an empty h=', { h: '' }, 'neutral', 'From'],
    ['with t= that is no number', { t: '1e9' }, 'neutral', 'number'],
    ['with x= that is no number', { x: '-1' }, 'neutral', 'number'],
    ['with l= that is no number', { l: 'all', bh: 'AAAA' }, 'neutral', 'number'],
    ['with x= that is too long', { x: '1234567890123' }, 'neutral', 'number'],
    ['with x= not after t=', { t: '5', x: '5' }, 'neutral', 'not after'],
    ['with bh= that is not base64', { bh: '!' }, 'neutral', 'base64'],
    ['with an empty b=', { b: '' }, 'neutral', 'base64'],
    ['with another body hash', { bh: 'AAAA' }, 'fail', 'body'],
    ['with l= beyond the body', { l: '1000' }, 'neutral', 'more than'],
    ['that has expired', { x: `${now - 1}` }, 'neutral', 'expired'],
    ['from the future', { t: `${now + 301}` }, 'neutral', 'future'],
    ['with a tag twice', { x: '1; x=1' }, 'neutral', 'tags'],
  ])('%s', async (_title, tags, result, reason) => {
    expect(await verdict(signedWith(tags))).toEqual(because(result, reason));
  });

  const small = generateKeyPairSync('rsa', { modulusLength: 768 });
  const smallKey: TestKey = {
    algorithm: 'rsa-sha256',
    ...small,
    record: composeKeyRecord(small.publicKey.export({ type: 'spki', format: 'der' }), 'rsa-sha256'),
  };

  test.each<[string, string | TxtAnswer, string, string]>([
    ['that is not there', { kind: 'none' }, 'permerror', `no key at ${name}`],
    ['without records', { kind: 'records', texts: [] }, 'permerror', 'no key'],
    [
      'of several records',
      { kind: 'records', texts: [rsaKey.record, rsaKey.record] },
      'permerror',
      '2 TXT records',
    ],
    [
      'that DNS does not answer for',
      { kind: 'failure', detail: 'SERVFAIL' },
      'temperror',
      'SERVFAIL',
    ],
    ['that is revoked', 'v=DKIM1; p=', 'permerror', 'revoked'],
    ['that is malformed', 'v=DKIM1; p=?', 'permerror', 'base64'],
    ['of another type', ed25519Key.record, 'permerror', 'not for rsa-sha256'],
    [
      'of another owner',
      composeKeyRecord(
        generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
          type: 'spki',
          format: 'der',
        }),
        'rsa-sha256',
      ),
      'fail',
      'does not match',
    ],
  ])('with a key %s', async (_title, answer, result, reason) => {
    expect(await verdict(signedWith({}), answer)).toEqual(because(result, reason));
  });

  test('with a weak key', async () => {
    expect(await verdict(signedWith({}, smallKey), smallKey.record)).toEqual(
      because('policy', '768 bits'),
    );
  });

  test('with i= below d= where the key says t=s', async () => {
    const record = rsaKey.record.replace('k=rsa', 'k=rsa; t=s');
    expect(await verdict(signedWith({ i: '@mail.b.example' }), record)).toEqual(
      because('permerror', 'b.example only'),
    );
    expect(await verdict(signedWith({ i: '@b.example' }), record)).toMatchObject({
      result: 'pass',
    });
  });

  test('after a change of a signed field, the body or the signature itself', async () => {
    const text = signedWith({}).toString();
    expect(await verdict(Buffer.from(text.replace('Subject: x', 'Subject: y')))).toEqual(
      because('fail', 'does not match'),
    );
    expect(await verdict(Buffer.from(text.replace('World', 'world')))).toEqual(
      because('fail', 'body'),
    );
    expect(await verdict(Buffer.from(text.replace('s=zero', 's=zero; n=x')))).toEqual(
      because('fail', 'does not match'),
    );
  });

  test('when a line that is no field is put after a signed one', async () => {
    const text = signedWith({}).toString();
    expect(
      await verdict(Buffer.from(text.replace('Subject: x\r\n', 'Subject: x\r\ngarbage\r\n'))),
    ).toEqual(because('fail', 'does not match'));
    expect(await verdict(Buffer.from(`garbage\r\n${text}`))).toMatchObject({ result: 'pass' });
  });
});

test('a message without a signature is none', async () => {
  expect(await verdict(Buffer.from(plain))).toEqual({
    result: 'none',
    reason: 'the message is not signed',
  });
});

test('each signature has a result of its own, and the key is queried for each', async () => {
  const good = signedWith({}).toString();
  const bad = signedWith({ s: 'one' }).toString();
  const both = Buffer.from(bad.slice(0, bad.indexOf('From:')) + good);
  expect(await verifyMessage(both, dnsOf({ [name]: rsaKey.record }), now)).toMatchObject([
    { result: 'permerror' },
    { result: 'pass' },
  ]);
});

test('two signatures that hash the body alike have it hashed once', async () => {
  const good = signedWith({}).toString();
  const twice = Buffer.from(good.slice(0, good.indexOf('From:')) + good);
  expect(await verifyMessage(twice, dnsOf({ [name]: rsaKey.record }), now)).toMatchObject([
    { result: 'pass' },
    { result: 'pass' },
  ]);
});

test('no more than 16 signatures cost a lookup', async () => {
  const good = signedWith({}).toString();
  const field = good.slice(0, good.indexOf('From:'));
  let lookups = 0;
  const results = await verifyMessage(
    Buffer.from(field.repeat(20) + plain),
    async () => {
      lookups += 1;
      return { kind: 'records', texts: [rsaKey.record] };
    },
    now,
  );
  expect(lookups).toBe(16);
  expect(results.map(({ result }) => result)).toEqual([
    ...Array.from({ length: 16 }, () => 'pass'),
    ...Array.from({ length: 4 }, () => 'policy'),
  ]);
});

describe('Authentication-Results', () => {
  test('says what was verified and what came of it', async () => {
    const message = parseMessage(Buffer.from(plain));
    const signature = signMessage(message, {
      domain: 'b.example',
      selector: 'zero',
      key: rsaKey.privateKey,
      profile: sesProfile,
      time: now,
    });
    const raw = Buffer.concat([signature, Buffer.from(plain)]);
    const start = /b=([^;]{8})[^;]*\r\n$/.exec(signature.toString())![1]!;
    const passed = await verifyMessage(raw, dnsOf({ [name]: rsaKey.record }), now);
    expect(authenticationResults('mx.example', passed)).toBe(
      `Authentication-Results: mx.example;\r\n dkim=pass header.d=b.example header.s=zero header.a=rsa-sha256 header.b="${start}"`,
    );
    const failed = await verifyMessage(raw, dnsOf({}), now);
    expect(authenticationResults('mx.example', failed)).toContain(
      `;\r\n dkim=permerror reason="there is no key at ${name}" header.d=b.example`,
    );
  });

  test('says none for an unsigned message, and quotes what a message says', async () => {
    expect(
      authenticationResults('mx.example', await verifyMessage(Buffer.from(plain), dnsOf({}), now)),
    ).toBe('Authentication-Results: mx.example;\r\n dkim=none reason="the message is not signed"');
    const odd = await verifyMessage(signedWith({ s: String.raw`"\ü` }), dnsOf({}), now);
    expect(authenticationResults('mx.example', odd)).toContain(
      String.raw`reason="s=\"\\? is no selector"`,
    );
  });
});
