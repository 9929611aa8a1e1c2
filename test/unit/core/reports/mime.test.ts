import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseMimeField } from '#shared/core/mail/mime-field.ts';
import { base64Lines, givenMail, givenXml } from './given-mail.ts';
import { readReport } from './read-one.ts';

const parameters = (text: string) => Object.fromEntries(parseMimeField(text).parameters);

describe('a MIME field', () => {
  test.each<[string, string, Record<string, string>]>([
    ['Multipart/Mixed; boundary=x', 'multipart/mixed', { boundary: 'x' }],
    ['multipart/mixed ; Boundary = "x y"', 'multipart/mixed', { boundary: 'x y' }],
    [
      'multipart/mixed (by a (nested) tool); boundary=x (end)',
      'multipart/mixed',
      { boundary: 'x' },
    ],
    ['(first) base64 (it is; so)', 'base64', {}],
    ['a/b(\\) ;); boundary=(c)x', 'a/b', { boundary: 'x' }],
    ['a/b; boundary="x;(y)\\"z"; name=n', 'a/b', { boundary: 'x;(y)"z', name: 'n' }],
    ["a/b; boundary*=us-ascii'en'a%20b%3D", 'a/b', { boundary: 'a b=' }],
    ['a/b; boundary*1="cd"; boundary*0="ab"; boundary*2=ef', 'a/b', { boundary: 'abcdef' }],
    ["a/b; boundary*0*=us-ascii''a%20; boundary*1=%20b", 'a/b', { boundary: 'a %20b' }],
    ['a/b; name=first; name=second', 'a/b', { name: 'first' }],
    ['a/b; name=a(never closed; boundary=x', 'a/b', { name: 'a(never', boundary: 'x' }],
    ['a/b; boundary="never closed', 'a/b', { boundary: 'never closed' }],
    ['a/b; no value; =; *=', 'a/b', {}],
    ['', '', {}],
  ])('%s', (text, value, expected) => {
    expect(parseMimeField(text).value.trim()).toBe(value);
    expect(parameters(text)).toEqual(expected);
  });
});

const content = gzipSync(givenXml([{ count: 3 }]));

const multipart = (field: string, encoding = 'base64') =>
  [
    'From: reports@reporter.example',
    'MIME-Version: 1.0 (of a tool)',
    `Content-Type: ${field}`,
    '',
    '--a b',
    'Content-Type: application/gzip (compressed)',
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    base64Lines(content),
    '--a b--',
    '',
  ].join('\r\n');

describe('a report is read', () => {
  test.each([
    ['behind comments', 'multipart/mixed (x; boundary=y); boundary="a b" (z)'],
    ['behind a boundary in percent codes', "multipart/mixed; boundary*=utf-8''a%20b"],
    ['behind a boundary in sections', 'multipart/mixed;\r\n boundary*0="a ";\r\n boundary*1=b'],
  ])('%s', async (_what, field) => {
    expect(await readReport(Buffer.from(multipart(field)))).toMatchObject({ messages: 3 });
  });

  test('in a transfer encoding with a comment', async () => {
    const mail = multipart('multipart/mixed; boundary="a b"', '(of) Base64 (a tool)');
    expect(await readReport(Buffer.from(mail))).toMatchObject({ messages: 3 });
  });

  const inner = givenMail({ content });

  test.each([
    ['message/global', '7bit'],
    ['message/global', 'base64'],
    ['message/news', '7bit'],
    ['application/octet-stream; name="report.eml"', 'base64'],
    ['application/octet-stream', '7bit'],
    ['text/plain; name=report.eml', 'base64'],
  ] as const)('in a mail attached as %s in %s', async (type, encoding) => {
    const mail = givenMail({ type, encoding, content: inner });
    expect(await readReport(mail)).toMatchObject({ messages: 3 });
  });

  test('in a mail whose name is in its disposition', async () => {
    const mail = [
      'Content-Type: text/x-unknown',
      "Content-Disposition: attachment; filename*=utf-8''Report%20Domain.eml",
      '',
      inner.toString('latin1'),
    ].join('\r\n');
    expect(await readReport(Buffer.from(mail, 'latin1'))).toMatchObject({ messages: 3 });
  });
});
