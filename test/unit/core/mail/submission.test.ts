import { readFileSync } from 'node:fs';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { prepareSubmission } from '#shared/core/mail/submission.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../../fixtures/mail/${name}.eml`, import.meta.url));
const mail = (header: string, body = 'Hello.\r\n', encoding: BufferEncoding = 'utf8') =>
  Buffer.from(`${header}\r\n${body}`, encoding);
const from = 'From: Ann <ann@example.com>\r\nTo: b@example.net\r\n';

const prepare = (raw: Buffer) => prepareSubmission(raw, { strict: false });

function repaired(raw: Buffer) {
  const prepared = prepare(raw);
  if (!prepared.ok) throw new Error(prepared.refusal.detail);
  const text = prepared.raw.toString('latin1');
  return { ...prepared, text, codes: prepared.repairs.map(({ code }) => code) };
}

const refusalOf = (raw: Buffer, strict = false) => {
  const prepared = prepareSubmission(raw, { strict });
  return prepared.ok ? undefined : prepared.refusal;
};

describe('of the cases, the mail', () => {
  test.each<[string, string[]]>([
    ['empty-body', ['body-supplied']],
    ['utf8-subject', ['header-encoded']],
    ['8bit-display-name', ['header-encoded']],
    ['long-line-html', ['part-encoded']],
    ['from-address-as-name', []],
    ['from-comment-with-address', []],
    ['from-trailing-comma', []],
    ['two-mailboxes-one-domain', ['sender-supplied']],
    ['no-final-line-end', ['final-line-end']],
    ['list-unsubscribe', []],
  ])('%s is taken, with the repairs %j', async (name, codes) => {
    const raw = fixture(name);
    const result = repaired(raw);
    expect(result.codes).toEqual(codes);
    if (codes.length === 0) expect(result.raw).toBe(raw);
    const [before, after] = await Promise.all(
      [raw, result.raw].map((each) => PostalMime.parse(each)),
    );
    for (const field of ['from', 'to', 'subject', 'text', 'html', 'attachments'] as const) {
      expect(after![field] ?? '\n', field).toEqual(before![field] ?? '\n');
    }
  });

  test('a byte order mark before the header is taken away', () => {
    const raw = mail(from);
    const marked = Buffer.concat([Buffer.from('\ufeff'), raw]);
    const { raw: done, codes } = repaired(marked);
    expect(codes).toEqual(['byte-order-mark']);
    expect(done.equals(raw)).toBe(true);
    expect(refusalOf(marked, true)?.code).toBe('byte-order-mark');
  });

  test('empty-body is taken without the blank line too, and without the last line end', () => {
    const raw = fixture('empty-body');
    for (const cut of [2, 4]) {
      const { raw: done, codes } = repaired(raw.subarray(0, -cut));
      expect(codes).toEqual(['body-supplied']);
      expect(done.equals(Buffer.concat([raw, Buffer.from('\r\n')]))).toBe(true);
    }
  });

  test.each<[string, Buffer, string, RegExp]>([
    ['formfeed-in-subject', fixture('formfeed-in-subject'), 'control-character', /subject.*0x0C/],
    [
      'a field of 100 KB',
      mail(
        `From: ann@example.com\r\nTo: ${'person@example.net,\r\n '.repeat(5_000)}b@example.net\r\n`,
      ),
      'field-too-long',
      /field to has 110019 octets; at most 65536/,
    ],
  ])('%s is refused', (_name, raw, code, detail) => {
    expect(refusalOf(raw)).toMatchObject({ code, detail: expect.stringMatching(detail) as string });
  });
});

describe('control characters are refused in any field', () => {
  test.each(['\v', '\f', '\x01', '\x1b', '\x7f', '\b'])('%j', (control) => {
    for (const field of ['Subject: a?b', 'Subject: ?a', 'X-Any: a?', 'To: b@example.net (?)']) {
      const raw = mail(`From: ann@example.com\r\n${field.replace('?', control)}\r\n`);
      expect(refusalOf(raw)?.code).toBe('control-character');
    }
    expect(refusalOf(mail(from, `a${control}b\r\n`))).toBeUndefined();
  });

  test('but a tab', () => {
    expect(refusalOf(mail(`${from}Subject:\ta\tb\r\n`))).toBeUndefined();
  });
});

test('a field of 64 KB is taken, one octet more is not', () => {
  const line = ` ${'x'.repeat(500)}\r\n`;
  const field = (octets: number) => {
    const lines = `X: y\r\n${line.repeat(130)}`;
    return `${lines}${' '.repeat(1)}${'z'.repeat(octets - lines.length - 3)}\r\n`;
  };
  expect(field(65_536)).toHaveLength(65_536);
  expect(refusalOf(mail(from + field(65_536)))).toBeUndefined();
  expect(refusalOf(mail(from + field(65_537)))?.code).toBe('field-too-long');
});

describe('white space that rspamd hashes as no other', () => {
  test.each(['', ' \r\n', '\t', '\r\n \r\n', ' \r\n \t \r\n'])(
    'body %j is made an empty line',
    (body) => {
      const { codes, text } = repaired(mail(from, body));
      expect(codes).toContain('body-supplied');
      expect(text.endsWith('\r\n\r\n\r\n')).toBe(true);
    },
  );

  test.each(['\r\n', '\r\n\r\n', '\u00a0\r\n', 'x\r\n \r\n'])('body %j stays', (body) => {
    expect(repaired(mail(from, body)).codes).toEqual([]);
  });

  test('a form feed has its part encoded', async () => {
    const raw = mail(
      `${from}Content-Type: text/plain; charset=utf-8\r\n`,
      'page 1\r\n\fpäge 2\f\r\n',
    );
    const { codes, raw: done, text } = repaired(raw);
    expect(codes).toEqual(['part-encoded']);
    expect(text).toContain('\r\n\r\npage 1\r\n=0Cp=C3=A4ge 2=0C\r\n');
    expect((await PostalMime.parse(done)).text).toBe((await PostalMime.parse(raw)).text);
  });

  test.each([
    ['quoted-printable', 'a=\r\nb\fc\r\n', 'a=\r\nb=0Cc\r\n'],
    ['base64', 'QUJD\fREVG\r\n', 'QUJDREVG\r\n'],
  ])('a form feed in %s is encoded there', (encoding, body, encoded) => {
    const raw = mail(`${from}Content-Transfer-Encoding: ${encoding}\r\n`, body);
    expect(repaired(raw).text.endsWith(`\r\n\r\n${encoded}`)).toBe(true);
  });

  test('a form feed in the header of a part is refused', () => {
    const raw = mail(
      `${from}Content-Type: multipart/mixed; boundary=x\r\n`,
      '--x\r\nX: \f\r\n\r\na\r\n--x--\r\n',
    );
    expect(refusalOf(raw)?.code).toBe('part-not-encodable');
  });
});

describe('strict refuses what would be repaired', () => {
  test.each<[string, Buffer, string]>([
    ['no body', fixture('empty-body'), 'no-body'],
    ['no final line end', fixture('no-final-line-end'), 'final-line-end'],
    ['bare LF', Buffer.from('From: ann@example.com\n\nHello.\n'), 'bare-lf'],
    ['8-bit text', fixture('utf8-subject'), 'header-not-ascii'],
    ['a long line', fixture('long-line-html'), 'line-too-long'],
    ['a form feed', mail(from, 'a\f\r\n'), 'form-feed'],
    ['white space only', mail(from, ' \r\n'), 'no-body'],
    ['no Sender', fixture('two-mailboxes-one-domain'), 'no-sender'],
  ])('%s', (_title, raw, code) => {
    expect(refusalOf(raw, true)?.code).toBe(code);
    expect(refusalOf(raw)).toBeUndefined();
  });

  test('and takes the rest as it is', () => {
    const raw = mail(from);
    expect(prepareSubmission(raw, { strict: true })).toMatchObject({ ok: true, repairs: [] });
  });
});

const fieldIn = (raw: Buffer, name: string) =>
  new RegExp(`^${name}:((?:.|\\r\\n[ \\t])*)`, 'm').exec(repaired(raw).text)?.[1];

describe('text beyond ASCII', () => {
  test.each<[string, string, string]>([
    ['words between ASCII', 'a Grüße b', ' a =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= b'],
    ['white space between two', 'ä  ö', ' =?UTF-8?Q?=C3=A4__=C3=B6?='],
    ['beside an encoded word', '=?utf-8?q?x?= ä', ' =?utf-8?q?x?= =?UTF-8?Q?_=C3=A4?='],
    ['before an encoded word', 'ä =?utf-8?q?x?=', ' =?UTF-8?Q?=C3=A4=20?= =?utf-8?q?x?='],
  ])('in a Subject: %s', (_title, value, encoded) => {
    expect(fieldIn(mail(`${from}Subject: ${value}\r\n`), 'Subject')).toBe(encoded);
  });

  test.each<[string, string, string]>([
    ['a name', 'Jürgen Groß <j@example.net>', ' =?UTF-8?Q?J=C3=BCrgen_Gro=C3=9F?= <j@example.net>'],
    [
      'a quoted name',
      '"Groß, \\"J\\"" <j@example.net>',
      ' =?UTF-8?Q?Gro=C3=9F=2C_=22J=22?= <j@example.net>',
    ],
    [
      'of several only one',
      'A <a@example.net>, Ö <b@example.net>',
      ' A <a@example.net>, =?UTF-8?Q?=C3=96?= <b@example.net>',
    ],
    ['a comment', 'a@example.net (Büro)', ' a@example.net (=?UTF-8?Q?B=C3=BCro?=)'],
    ['a group', 'Büro: a@example.net;', ' =?UTF-8?Q?B=C3=BCro?=: a@example.net;'],
  ])('in an address list: %s', (_title, value, encoded) => {
    expect(fieldIn(mail(`From: ann@example.com\r\nCc: ${value}\r\n`), 'Cc')).toBe(encoded);
  });

  test('in a parameter', () => {
    const raw = mail(`${from}Content-Type: text/plain; name="Grüße 1.txt"; charset=utf-8\r\n`);
    expect(fieldIn(raw, 'Content-Type')).toBe(
      " text/plain; name*=utf-8''Gr%C3%BC%C3%9Fe%201.txt; charset=utf-8",
    );
  });

  test('that is not UTF-8 is read as Latin-1, which is said', () => {
    const { text, repairs } = repaired(
      mail(`${from}Subject: Gr\u00fc\u00dfe \u0093x\u0094\r\n`, undefined, 'latin1'),
    );
    expect(text).toContain('Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_=E2=80=9Cx=E2=80=9D?=\r\n');
    expect(repairs.map(({ code }) => code)).toEqual(['read-as-latin-1', 'header-encoded']);
    expect(repairs[0]?.detail).toContain('subject');
  });

  test('that is long is encoded in lines', () => {
    const { text } = repaired(mail(`${from}Subject: ${'Größe '.repeat(200)}\r\n`));
    expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(78);
  });

  test.each([
    ['a local part', 'Reply-To: jürgen@example.net'],
    ['a local part in brackets', 'Cc: J <jürgen@example.net>'],
    ['a message id', 'Message-ID: <ü@example.com>'],
    ['a URI', 'List-Unsubscribe: <https://example.com/ü>'],
  ])('in %s is refused', (_title, field) => {
    expect(refusalOf(mail(`${from}${field}\r\n`))?.code).toBe('header-not-ascii');
  });
});

describe('a long field', () => {
  test('is folded at white space, and unfolds to the same', () => {
    const subject = 'word '.repeat(300).trim();
    const { text, codes } = repaired(mail(`${from}Subject: ${subject}\r\n`));
    expect(codes).toEqual(['field-folded']);
    const folded = /Subject: (.*(?:\r\n .*)*)/.exec(text)![1]!;
    expect(folded.replaceAll('\r\n', '')).toBe(subject);
    expect(Math.max(...folded.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(78);
  });

  test('of addresses without white space is folded behind commas', () => {
    const list = Array.from({ length: 100 }, (_, i) => `r${i}@example.net`);
    const { text } = repaired(mail(`From: ann@example.com\r\nTo: ${list.join(',')}\r\n`));
    const to = /To: (.*(?:\r\n .*)*)/.exec(text)![1]!;
    expect(to.replaceAll('\r\n', '').split(', ')).toEqual(list);
  });

  test.each([
    ['References', '<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com>', ''],
    ['List-Unsubscribe', `<https://example.com/${'x'.repeat(300)}>`, ','],
  ])('%s is folded where it has no white space', (name, each, separator) => {
    const value = Array.from({ length: 40 }, () => each).join(separator);
    const { text, codes } = repaired(mail(`${from}${name}: ${value}\r\n`));
    expect(codes).toEqual(['field-folded']);
    expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(400);
    expect(text.replaceAll(/\s/g, '')).toContain(`${name}:${value}`);
  });

  test('without a place to fold is refused by its name', () => {
    const raw = mail(`${from}X-Token: ${'x'.repeat(1000)}\r\n`);
    expect(refusalOf(raw)).toMatchObject({
      code: 'line-too-long',
      detail: expect.stringContaining('x-token') as string,
    });
  });
});

const long = `Grüße ${'word '.repeat(300)}\r\n`;
const multipart = (type: string, ...parts: string[]) =>
  `Content-Type: ${type}; boundary="b b"\r\n\r\npreamble\r\n${parts.map((part) => `--b b\r\n${part}\r\n`).join('')}--b b--\r\nepilogue\r\n`;
const part = (type: string, body = long, more = '') =>
  `Content-Type: ${type}\r\n${more}\r\n${body}`;
const textOf = async (raw: Buffer) => {
  const { text, html, attachments } = await PostalMime.parse(raw);
  return { text, html, attachments };
};

const outlineOf = (octets: string) =>
  octets.split('\r\n').filter((line) => /^(--|Content|short|AAEC|pre|epi)/.test(line));

describe('a long line in a part', () => {
  test('has only that part encoded, and the structure stays', async () => {
    const raw = mail(
      `${from}MIME-Version: 1.0\r\n`
        .concat(
          multipart(
            'multipart/mixed',
            multipart(
              'multipart/alternative',
              part('text/plain; charset=utf-8', 'short\r\n'),
              part('text/html; charset=utf-8'),
            ).replaceAll('b b', 'inner'),
            part('application/octet-stream', 'AAEC', 'Content-Transfer-Encoding: base64\r\n'),
          ),
        )
        .slice(0, -2),
      '',
    );
    const { raw: done, text, repairs } = repaired(raw);
    expect(repairs).toMatchObject([
      { code: 'part-encoded', detail: expect.stringContaining('text/html') as string },
    ]);
    expect(await textOf(done)).toEqual(await textOf(raw));
    expect(
      outlineOf(text).filter((line) => line !== 'Content-Transfer-Encoding: quoted-printable'),
    ).toEqual(outlineOf(raw.toString('latin1')));
  });

  test('has its encoding replaced, or supplied with MIME-Version', () => {
    const eight = repaired(mail(`${from}Content-Transfer-Encoding: 8bit\r\n`, long)).text;
    expect(eight).not.toContain('8bit');
    expect(repaired(mail(from, long)).text).toContain(
      'MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
    );
  });

  test('of base64 is wrapped', async () => {
    const raw = mail(
      `${from}${part('application/pdf', `${'QUJD'.repeat(1000)}\r\n`, 'Content-Transfer-Encoding: base64\r\n').replace('\r\n\r\n', '\r\n')}`.replace(
        'base64\r\n',
        'base64\r\n\r\n',
      ),
      '',
    );
    const { raw: done } = repaired(raw);
    expect(await textOf(done)).toEqual(await textOf(raw));
  });

  test('of quoted-printable gets soft line breaks', async () => {
    const body = `${'=C3=BC x'.repeat(300)}=\r\nend\r\n`;
    const raw = mail(
      `${from}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n`,
      body,
    );
    expect(await textOf(repaired(raw).raw)).toEqual(await textOf(raw));
  });

  test('of an attached mail is encoded in that mail', async () => {
    const inner = `From: x@y.example\r\nSubject: inner\r\n\r\n${long}`;
    const raw = mail(
      `${from}${multipart('multipart/mixed', part('message/rfc822', inner))}`.replace(
        '\r\n\r\n',
        '\r\n\r\n',
      ),
      '',
    );
    const { text } = repaired(raw);
    expect(text).toContain(
      'Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: inner\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n',
    );
  });

  test.each([
    [
      'multipart/signed',
      multipart(
        'multipart/signed; protocol="x"',
        part('text/plain'),
        part('application/pkcs7-signature', 'AA==\r\n'),
      ),
    ],
    ['multipart/encrypted', multipart('multipart/encrypted', part('application/octet-stream'))],
    ['application/pkcs7-mime', part('application/pkcs7-mime; smime-type=signed-data')],
    [
      'multipart/signed in a multipart',
      multipart(
        'multipart/mixed',
        multipart('multipart/signed', part('text/plain')).replaceAll('b b', 'inner'),
      ),
    ],
    [
      'multipart/signed in an attached mail',
      multipart(
        'multipart/mixed',
        part(
          'message/rfc822',
          `From: x@y.example\r\n${multipart('multipart/signed', part('text/plain')).replaceAll('b b', 'inner')}`,
        ),
      ),
    ],
  ])('is refused in %s, and never changed', (_title, entity) => {
    const raw = Buffer.from(`${from}MIME-Version: 1.0\r\n${entity}`);
    expect(refusalOf(raw)).toMatchObject({
      code: 'signed-part',
      detail: expect.stringMatching(/before it is signed/) as string,
    });
  });

  test.each([
    [
      'outside of the parts',
      `Content-Type: multipart/mixed; boundary=x\r\n\r\n${long}--x\r\n\r\n--x--\r\n`,
      /in none of its parts/,
    ],
    ['of a delivery report', part('message/delivery-status'), /message\/delivery-status/],
    [
      'of an unknown encoding',
      part('text/plain', long, 'Content-Transfer-Encoding: x-uuencode\r\n'),
      /x-uuencode/,
    ],
    [
      'of a type that is there twice',
      `Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n${long}`,
      /twice/,
    ],
    [
      'in a multipart in base64',
      `Content-Transfer-Encoding: base64\r\n${multipart('multipart/mixed', part('text/plain'))}`,
      /must not have/,
    ],
  ])('is refused %s', (_title, entity, detail) => {
    expect(refusalOf(Buffer.from(from + entity))?.detail).toMatch(detail);
  });
});

test('a signed mail may have its header repaired, outside of what is signed', () => {
  const signed = 'Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\nHello.\r\n--x--\r\n';
  const raw = mail(`${from}Subject: Grüße\r\n${signed}`.slice(0, -2), '');
  const { raw: done, codes } = repaired(raw);
  expect(codes).toEqual(['header-encoded']);
  expect(parseMessage(done).body).toEqual(parseMessage(raw).body);
});

test('an 8-bit From of several mailboxes is encoded, and gets a Sender', () => {
  const raw = mail(
    'From: "Müller, A" <a@example.com>, b@example.com\r\nTo: b@example.net\r\n',
    undefined,
    'latin1',
  );
  const { text, codes } = repaired(raw);
  expect(codes).toEqual(['read-as-latin-1', 'header-encoded', 'sender-supplied']);
  expect(text).toContain('<a@example.com>, b@example.com\r\nSender: a@example.com\r\nTo:');
});
