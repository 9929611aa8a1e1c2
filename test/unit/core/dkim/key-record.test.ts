import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  REVOKED_KEY_RECORD,
  composeKeyRecord,
  parseKeyRecord,
} from '#shared/core/dkim/key-record.ts';
import { ed25519Key, rsaKey } from './keys.ts';

const spki = rsaKey.publicKey.export({ type: 'spki', format: 'der' });
const p = spki.toString('base64');

test('a composed record holds the key, in the form of its algorithm', () => {
  expect(rsaKey.record).toBe(`v=DKIM1; k=rsa; p=${p}`);
  expect(ed25519Key.record).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
});

test.each([rsaKey, ed25519Key])(
  'what is composed for $algorithm is parsed to the same key',
  (key) => {
    const record = parseKeyRecord(key.record);
    expect(record).toMatchObject({
      kind: 'key',
      algorithm: key.algorithm,
      sameDomainOnly: false,
      testing: false,
    });
    expect(record.kind === 'key' && record.key.equals(key.publicKey)).toBe(true);
  },
);

test('a key is not composed for another algorithm than its own', () => {
  expect(() => composeKeyRecord(spki, 'ed25519-sha256')).toThrow(
    new TypeError('A key of type rsa cannot be published for ed25519-sha256.'),
  );
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    type: 'spki',
    format: 'der',
  });
  expect(() => composeKeyRecord(curve, 'rsa-sha256')).toThrow(TypeError);
});

describe('a record is read', () => {
  test.each([
    ['without v= and k=', `p=${p}`],
    ['with white space and folds', ` v = DKIM1 ;\tk=rsa;p=${p.slice(0, 40)} ${p.slice(40)}\r\n `],
    ['with a semicolon at the end', `v=DKIM1; p=${p};`],
    ['with notes and tags that are not known', `v=DKIM1; n=hello=world, "(x)"; xyz=1; p=${p}`],
    ['for several hashes and services', `v=DKIM1; h=sha1 : sha256; s=other:email; p=${p}`],
    [
      'with a bare RSAPublicKey',
      `v=DKIM1; p=${rsaKey.publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')}`,
    ],
    ['with upper case where it does not count', `v=DKIM1; k=RSA; h=SHA256; s=EMAIL; p=${p}`],
  ])('%s', (_title, text) => {
    const record = parseKeyRecord(text);
    expect(record.kind === 'key' && record.key.equals(rsaKey.publicKey)).toBe(true);
  });

  test('with its flags', () => {
    expect(parseKeyRecord(`v=DKIM1; t=y:s; p=${p}`)).toMatchObject({
      sameDomainOnly: true,
      testing: true,
    });
    expect(parseKeyRecord(`v=DKIM1; t= S ; p=${p}`)).toMatchObject({
      sameDomainOnly: true,
      testing: false,
    });
  });
});

test('an empty p= revokes', () => {
  expect(parseKeyRecord(REVOKED_KEY_RECORD)).toEqual({ kind: 'revoked' });
  expect(parseKeyRecord('v=DKIM1; k=rsa; p= ;')).toEqual({ kind: 'revoked' });
});

test.each([
  ['no list of tags', 'hello world', 'tags'],
  ['nothing', '', 'tags'],
  ['a tag twice', `v=DKIM1; p=${p}; p=`, 'tags'],
  ['another version', `v=DKIM2; p=${p}`, 'DKIM1'],
  ['a version in another case', `v=dkim1; p=${p}`, 'DKIM1'],
  ['a version that is not first', `k=rsa; v=DKIM1; p=${p}`, 'DKIM1'],
  ['SPF', 'v=spf1 -all', 'DKIM1'],
  ['no p=', 'v=DKIM1; k=rsa', 'p='],
  ['another hash only', `v=DKIM1; h=sha1; p=${p}`, 'sha256'],
  ['another service only', `v=DKIM1; s=tlsrpt; p=${p}`, 'email'],
  ['another key type', `v=DKIM1; k=dsa; p=${p}`, 'dsa'],
  ['p= that is not base64', 'v=DKIM1; p=???', 'base64'],
  ['p= that is no key', 'v=DKIM1; p=AAAA', 'no rsa key'],
  ['an RSA key for Ed25519', `v=DKIM1; k=ed25519; p=${p}`, 'no ed25519 key'],
  [
    'an Ed25519 key for RSA',
    `v=DKIM1; k=rsa; p=${ed25519Key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
    'no rsa key',
  ],
  ['an Ed25519 key that is too short', 'v=DKIM1; k=ed25519; p=AAAA', 'no ed25519 key'],
])('%s is not usable', (_title, text, reason) => {
  expect(parseKeyRecord(text)).toEqual({
    kind: 'unusable',
    reason: expect.stringContaining(reason) as string,
  });
});
