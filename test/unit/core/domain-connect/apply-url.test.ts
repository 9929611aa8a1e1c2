import { generateKeyPairSync, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyUrl,
  canonicalQuery,
  isSignatureOf,
  templatePath,
} from '#shared/core/domain-connect/apply-url.ts';
import { publicKeyRecords, readPublicKey } from '#shared/core/domain-connect/public-key.ts';
import { keyName } from '#shared/core/domain-connect/service.ts';
import { ApplyRefused, verifyRequest } from '../../../support/dns-provider.ts';
import { service } from './service.ts';

/**
 * The example of draft-ietf-dconn-domainconnect-05 §6.4 and §8.3.2.1. Its signature is older than its
 * query: it is of what was signed before the draft asked for an order.
 */
const example = {
  records: [
    'p=1,a=RS256,d=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA18SgvpmeasN4BHkkv0SBjAzIc4grYLjiAXRtNiBUiGUDMeTzQrKTsWvy9NuxU1dIHCZy9o1CrKNg5EzLIZLNyMfI6qiXnM+HMd4byp97zs/3D39Q8iR5poubQcRaGozWx8yQpG0OcVdmEVcTfy',
    'p=2,a=RS256,d=R/XSEWC5u16EBNvRnNAOAvZYUdWqVyQvXsjnxQot8KcK0QP8iHpoL/1dbdRy2opRPQ2FdZpovUgknybq/6FkeDtW7uCQ6Mvu4QxcUa3+WP9nYHKtgWip/eFxpeb+qLvcLHf1h0JXtxLVdyy6OLk3f2JRYUX2ZZVDvG3biTpeJz6iRzjGg6MfGxXZHjI8',
    'p=3,a=RS256,d=weDjXrJwIDAQAB',
  ],
  query: 'a=1&b=2&domain=example.net&ip=10.10.10.10&text=a%2Bb',
  signed: 'a=1&b=2&ip=10.10.10.10&domain=example.net',
  sig: 'V2te9zWMU7G3plxBTsmYSJTvn2vzMvNwAjWQ%2BwTe91DxuJhdVf4cVc4vZBYfEYV7u5d7PzTO7se7OrkhyiB7TpoJJW1yB5qHR7HKM5SZldUsdtg5%2B1SzEtIX0Uq8b2mCmQF%2FuJGXpqCyFrEajvpTM7fFKPk1kuctmtkjV7%2BATcvNPLWY7KyE4%2Bqc8jpfN61cP5l8iA4krAa3%2BfTro5cmWR8YUJ5yrnRs6KT4b5D71HFvOUk0sGEUddUUlsyRQKRHUFN6HjEya50YDHfZJlYHkHlK0xX6Yqeii9QZ2I35U9eJbSvZGQko5beqviWFXdsVDbvd3DYcbSHgJq9%2FXoMTTw%3D%3D',
};

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = publicKey.export({ type: 'spki', format: 'der' });
const published = publicKeyRecords(spki);
const signed = (query: string) => sign('sha256', Buffer.from(query), privateKey);
const zone = 'sd.example.net';
const txtOf = async (name: string) => (name === keyName(zone) ? published : []);
const verified = (url: string) =>
  verifyRequest(url.slice(url.indexOf('?') + 1), { syncPubKeyDomain: zone, records: [] }, txtOf);

describe('what is signed', () => {
  test('is the example of the draft, to the octet', () => {
    const { query } = example;
    const parameters = { text: 'a+b', domain: 'example.net', ip: '10.10.10.10', b: '2', a: '1' };
    expect(canonicalQuery(parameters)).toBe(query);
    const signature = Buffer.from(decodeURIComponent(example.sig), 'base64');
    expect(applyUrl('https://p.example', service, query, signature)).toBe(
      `https://p.example${templatePath('example.net', 'sender-domains')}/apply?${query}&sig=${example.sig}&key=_dcpubkeyv1`,
    );
  });

  test('verifies with the key of the draft’s example, and with no other', () => {
    const key = readPublicKey(example.records)!;
    const signature = Buffer.from(decodeURIComponent(example.sig), 'base64');
    expect(isSignatureOf(example.signed, signature, key)).toBe(true);
    expect(isSignatureOf(`${example.signed}b`, signature, key)).toBe(false);
    expect(isSignatureOf(example.signed, signature, publicKey)).toBe(false);
  });

  test('of the draft’s example is what the provider of these tests takes', async () => {
    const query = `${example.signed}&sig=${example.sig}&key=_dcpubkeyv1`;
    const template = { syncPubKeyDomain: zone, records: [] };
    const examples = async () => example.records;
    await expect(verifyRequest(query, template, examples)).resolves.toBeUndefined();
    await expect(verifyRequest(query, template, txtOf)).rejects.toThrow(ApplyRefused);
  });

  test('decodes to the parameters, in the order of their encoded names', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' })),
        (parameters) => {
          const pairs = canonicalQuery(parameters).split('&').filter(Boolean);
          const read = pairs.map((pair) => pair.split('=').map(decodeURIComponent));
          expect(Object.fromEntries(read)).toEqual({ ...parameters });
          expect(pairs.map((pair) => pair.split('=')[0])).toEqual(
            Object.keys(parameters)
              .map((name) => canonicalQuery({ [name]: '' }).slice(0, -1))
              .sort(),
          );
          expect(pairs.join('')).toMatch(/^(?:[A-Za-z0-9._~=-]|%[0-9A-F]{2})*$/);
        },
      ),
    );
  });
});

describe('a signed URL', () => {
  const query = canonicalQuery({ domain: 'example.com', redirect_uri: 'https://a.example/?b=(c)' });
  const url = applyUrl('https://p.example/sync', service, query, signed(query));

  test('is verified by a provider with the key in DNS', async () => {
    await expect(verified(url)).resolves.toBeUndefined();
  });

  test.each([
    ['another domain', url.replace('domain=example.com', 'domain=example.org')],
    ['a parameter more', url.replace('?', '?a=b&')],
    ['another key', url.replace('key=_dcpubkeyv1', 'key=_dcpubkeyv2')],
    ['no signature', url.replace(/&sig=[^&]*/, '')],
    ['another signature', url.replace(/(?<=&sig=)...../, 'AAAAA')],
  ])('is refused with %s', async (_, changed) => {
    await expect(verified(changed)).rejects.toThrow(ApplyRefused);
  });
});

describe('the published key', () => {
  test('is in as few records of one string as there can be, and is read back from them in any order', () => {
    expect(published).toHaveLength(2);
    for (const text of published) {
      expect(text).toMatch(/^p=[1-9],a=RS256,d=[A-Za-z0-9+/]+=*$/);
      expect(text.length).toBeLessThanOrEqual(255);
    }
    for (const texts of [published, published.toReversed()]) {
      expect(readPublicKey(texts)!.export({ type: 'spki', format: 'der' })).toEqual(spki);
    }
  });

  test('of 4096 bits is published too', () => {
    const long = generateKeyPairSync('rsa', { modulusLength: 4096 }).publicKey;
    const der = long.export({ type: 'spki', format: 'der' });
    expect(readPublicKey(publicKeyRecords(der))!.equals(long)).toBe(true);
  });

  test.each([
    ['nothing', []],
    ['half of it', published.slice(0, 1)],
    ['the same part twice', [published[0]!, published[0]!]],
    ['another algorithm', published.map((text) => text.replace('RS256', 'ES256'))],
    ['another form of key', published.map((text) => text.replace(',d=', ',t=jwk,d='))],
    ['something else', ['v=spf1 -all']],
  ])('that is %s is no key', (_, texts) => {
    expect(readPublicKey(texts)).toBeUndefined();
  });
});
