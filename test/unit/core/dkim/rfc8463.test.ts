import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signOctets } from '#shared/core/dkim/algorithm.ts';
import { bodyCanonicalization } from '#shared/core/dkim/body/canonicalization.ts';
import { hashBody } from '#shared/core/dkim/body/hash.ts';
import { headerHashInput } from '#shared/core/dkim/header/hash-input.ts';
import { selectFields } from '#shared/core/dkim/header/select.ts';
import { verifyMessage } from '#shared/core/dkim/verify.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { dnsOf } from './keys.ts';

// The keys, records, message and signatures of RFC 8463 appendix A. The keys are public test keys.

const ed25519 = createPrivateKey({
  key: Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from('nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=', 'base64'),
  ]),
  format: 'der',
  type: 'pkcs8',
});

const rsa = createPrivateKey({
  key: Buffer.from(
    [
      'MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi',
      'Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM',
      'KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
      'AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm',
      '6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe',
      'zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy',
      '6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc',
      'uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy',
      'WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd',
      'WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a',
      'licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst',
      'o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe',
      'uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL',
    ].join(''),
    'base64',
  ),
  format: 'der',
  type: 'pkcs1',
});

const records = {
  'brisbane._domainkey.football.example.com':
    'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  'test._domainkey.football.example.com':
    'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
};

const message = Buffer.from(
  [
    'From: Joe SixPack <joe@football.example.com>',
    'To: Suzie Q <suzie@shopping.example.net>',
    'Subject: Is dinner ready?',
    'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
    'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
    '',
    'Hi.',
    '',
    'We lost the game.  Are you hungry yet?',
    '',
    'Joe.',
    '',
  ].join('\r\n'),
);

const names = ['from', 'to', 'subject', 'date', 'message-id', 'from', 'subject', 'date'];
const signatures = [
  {
    key: ed25519,
    algorithm: 'ed25519-sha256',
    field: [
      'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
      ' d=football.example.com; i=@football.example.com;',
      ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
      ' subject : date : message-id : from : subject : date;',
      ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      ' b=',
    ],
    b: [
      '/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
      ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
    ],
  },
  {
    key: rsa,
    algorithm: 'rsa-sha256',
    field: [
      'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
      ' d=football.example.com; i=@football.example.com;',
      ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
      ' date : message-id : from : subject : date;',
      ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
      ' b=',
    ],
    b: [
      'F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
      ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
      ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
    ],
  },
] as const;

describe.each(signatures)('RFC 8463 appendix A, $algorithm', ({ key, algorithm, field, b }) => {
  const unsigned = field.join('\r\n');

  test('is reproduced byte for byte', () => {
    const { header, body } = parseMessage(message);
    expect(unsigned).toContain(`bh=${hashBody(body, bodyCanonicalization('relaxed'))};`);
    const octets = headerHashInput(
      header,
      selectFields(header.fields, names),
      Buffer.from(unsigned),
      'relaxed',
    );
    expect(signOctets(algorithm, octets, key).toString('base64')).toBe(
      b.join('').replaceAll(' ', ''),
    );
  });

  test('verifies', async () => {
    const signed = Buffer.concat([Buffer.from(`${unsigned}${b.join('\r\n')}\r\n`), message]);
    expect(await verifyMessage(signed, dnsOf(records), 1_528_637_909)).toMatchObject([
      { result: 'pass', signature: { algorithm, domain: 'football.example.com' } },
    ]);
  });
});

test('RFC 8463 appendix A, both signatures on one message', async () => {
  const fields = signatures
    .map(({ field, b }) => `${field.join('\r\n')}${b.join('\r\n')}\r\n`)
    .join('');
  const results = await verifyMessage(
    Buffer.concat([Buffer.from(fields), message]),
    dnsOf(records),
    1_528_637_909,
  );
  expect(results.map(({ result }) => result)).toEqual(['pass', 'pass']);
});
