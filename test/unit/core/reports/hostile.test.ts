import { Buffer } from 'node:buffer';
import { deflateSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_MAIL_BYTES } from '#shared/core/reports/read-reports.ts';
import { type UnreadableCode, UnreadableReport } from '#shared/core/reports/unreadable.ts';
import { givenMail, givenMultipart, givenXml, givenZip } from './given-mail.ts';
import { readReport } from './read-one.ts';

const small = { compressed: 20_000, decompressed: 100_000 };

async function reasonFor(raw: Buffer, limits = small): Promise<UnreadableCode> {
  try {
    await readReport(raw, limits);
  } catch (error) {
    if (error instanceof UnreadableReport) return error.code;
    throw error;
  }
  throw new Error('the report was read');
}

const gzipped = (xml: string) => givenMail({ content: gzipSync(xml) });
const plain = (content: Buffer | string) => givenMail({ type: 'text/xml', content });

describe('each mail without a report has its reason', () => {
  test('no part that is a report', async () => {
    expect(await reasonFor(givenMail({ type: 'text/plain', content: 'hello' }))).toBe('no-report');
    expect(await reasonFor(Buffer.alloc(0))).toBe('no-report');
    const deflated = deflateSync('<feedback/>');
    expect(await reasonFor(givenMail({ content: deflated }))).toBe('no-report');
  });

  test('a mail, or a compressed report, over its limit', async () => {
    expect(await reasonFor(Buffer.alloc(MAX_MAIL_BYTES + 1))).toBe('mail-too-large');
    const noise = Buffer.concat([gzipSync(''), Buffer.alloc(20_000)]);
    expect(await reasonFor(givenMail({ content: noise }))).toBe('compressed-too-large');
    expect(await reasonFor(plain(givenXml() + ' '.repeat(100_000)))).toBe('decompressed-too-large');
  });

  test('a report that decompresses to more than the limit, from gzip and from zip', async () => {
    const xml = givenXml([{ from: 'a' }]).replace('</feedback>', ' '.repeat(200_000));
    expect(await reasonFor(gzipped(xml))).toBe('decompressed-too-large');
    expect(await reasonFor(givenMail({ content: givenZip(Buffer.from(xml)) }))).toBe(
      'decompressed-too-large',
    );
  });

  test('a bomb in a bomb: neither layer is inflated beyond its limit', async () => {
    const inner = gzipSync(givenXml([{ from: 'a' }]).replace('</feedback>', ' '.repeat(200_000)));
    expect(await reasonFor(givenMail({ content: gzipSync(inner) }))).toBe('decompressed-too-large');
    const wide = Buffer.concat([gzipSync(''), Buffer.alloc(90_000)]);
    expect(await reasonFor(givenMail({ content: gzipSync(wide) }))).toBe('compressed-too-large');
  });

  test.each([1, 10, 200])('gzip that lost its last %i bytes', async (lost) => {
    const rows = Array.from({ length: 40 }, (_, count) => ({ count, ip: `192.0.2.${count}` }));
    const content = gzipSync(givenXml(rows));
    expect(await reasonFor(givenMail({ content: content.subarray(0, -lost) }))).toBe('truncated');
  });

  test('gzip with a wrong checksum, a zip with a wrong one', async () => {
    const damaged = gzipSync(givenXml());
    damaged.writeUInt32LE(1, damaged.length - 8);
    expect(await reasonFor(givenMail({ content: damaged }))).toBe('corrupt');
    const zip = givenZip(Buffer.from(givenXml()), { crc: 7 });
    expect(await reasonFor(givenMail({ content: zip }))).toBe('corrupt');
  });

  test('a zip cut short, encrypted, of an unknown method, without a file', async () => {
    const zip = givenZip(Buffer.from(givenXml()));
    expect(await reasonFor(givenMail({ content: zip.subarray(0, -10) }))).toBe('truncated');
    const xml = Buffer.from(givenXml());
    expect(await reasonFor(givenMail({ content: givenZip(xml, { flags: 1 }) }))).toBe('encrypted');
    expect(await reasonFor(givenMail({ content: givenZip(xml, { method: 12 }) }))).toBe('corrupt');
    expect(await reasonFor(givenMail({ content: givenZip(xml, { name: 'd/' }) }))).toBe(
      'no-report',
    );
  });

  test('XML that ends before the report does', async () => {
    expect(await reasonFor(gzipped(givenXml().replace('</feedback>', '')))).toBe('truncated');
  });

  test('billion laughs: entities are never expanded, and the report is refused', async () => {
    const laughs = Array.from(
      { length: 10 },
      (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`,
    ).join('');
    const xml = `<?xml version="1.0"?><!DOCTYPE z [<!ENTITY l0 "ha">${laughs}]>${givenXml([{ from: '&l10;' }])}`;
    expect(await reasonFor(plain(xml))).toBe('entities');
    expect(await reasonFor(gzipped(xml))).toBe('entities');
    const external = `<!DOCTYPE feedback [<!ENTITY x SYSTEM "file:///etc/passwd">]>${givenXml()}`;
    expect(await reasonFor(gzipped(external))).toBe('entities');
  });

  test('XML unlike any report: nested deeply, or one endless text, tag or comment', async () => {
    const limits = { compressed: 1_000_000, decompressed: 10_000_000 };
    const endless = 'a'.repeat(2_000_000);
    const odd = [
      givenXml([{ from: '<a>'.repeat(1_000) }]),
      givenXml([{ from: endless }]),
      givenXml([{ from: `<a b="${endless}">` }]),
      givenXml([{ from: `<${endless}>` }]),
      givenXml([{ from: `<!--${endless}-->` }]),
    ];
    for (const xml of odd) expect(await reasonFor(gzipped(xml), limits)).toBe('malformed');
  });

  test('XML that is no aggregate report, or lacks what counting needs', async () => {
    expect(await reasonFor(gzipped('<html><body/></html>'))).toBe('not-a-report');
    expect(await reasonFor(gzipped('hello'))).toBe('not-a-report');
    const lacking = ['<domain>shop.example</domain>', '<begin>1793577600</begin>'];
    for (const part of lacking)
      expect(await reasonFor(gzipped(givenXml().replace(part, '')))).toBe('incomplete');
    expect(await reasonFor(gzipped(givenXml().replace('1793663999', '7')))).toBe('incomplete');
  });

  test('a mail of one endless header, or of nothing but what its parts begin with', async () => {
    expect(await reasonFor(Buffer.from('a:\n'.repeat(4_000_000)))).toBe('malformed-mail');
    const start = 'Content-Type: multipart/mixed; boundary="-"\r\n\r\n';
    expect(await reasonFor(Buffer.from(start + '-'.repeat(10_000_000)))).toBe('no-report');
    const quoted = 'Content-Transfer-Encoding: quoted-printable\r\n\r\n';
    expect(await reasonFor(Buffer.from(quoted + '='.repeat(10_000_000)))).toBe('no-report');
  });

  test('more parts, or deeper ones, than any report has', async () => {
    const text = { type: 'text/plain', encoding: '7bit', content: 'x' } as const;
    expect(await reasonFor(givenMultipart(...Array.from({ length: 101 }, () => text)))).toBe(
      'too-many-parts',
    );
    const nested = 'Content-Type: message/rfc822\r\n\r\n'.repeat(20);
    expect(await reasonFor(Buffer.from(nested))).toBe('too-many-parts');
  });
});

describe('what does no harm', () => {
  test('the wrong charset: UTF-16 with and without its mark, Latin-1 said to be UTF-8', async () => {
    const xml = givenXml().replace('reporter.example', 'Bücher');
    const said = (charset: string) => xml.replace('UTF-8', charset);
    const utf16 = Buffer.from(said('utf-16'), 'utf16le');
    const readings: [Buffer, string][] = [
      [Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'Bücher'],
      [utf16, 'Bücher'],
      [Buffer.from(utf16).swap16(), 'Bücher'],
      [Buffer.from(said('utf-16')), 'Bücher'],
      [Buffer.from(said('iso-8859-1'), 'latin1'), 'Bücher'],
      [Buffer.from(xml, 'latin1'), 'B\ufffdcher'],
      [Buffer.from(said('no-such-charset')), 'Bücher'],
      [Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(xml)]), 'Bücher'],
    ];
    for (const [content, organization] of readings) {
      expect(await readReport(plain(content))).toMatchObject({ organization, messages: 1 });
    }
  });

  test('bytes after gzip, a wrong content type, parts around the report, text after its end', async () => {
    const content = Buffer.concat([
      gzipSync(`${givenXml()}\0junk <feedback>`),
      Buffer.from('\r\n'),
    ]);
    const mail = givenMultipart(
      { type: 'text/html', encoding: '7bit', content: '<!DOCTYPE html><p>Your report' },
      { type: 'application/pdf', content },
      { type: 'text/plain', encoding: '7bit', content: '-- \r\nscanned by nobody' },
    );
    expect(await readReport(mail)).toMatchObject({ messages: 1 });
  });

  test('gzip with a file name, a comment, extra data and a header checksum; of two members', async () => {
    const half = givenXml().length >> 1;
    const [first, second] = [givenXml().slice(0, half), givenXml().slice(half)].map((text) =>
      gzipSync(text),
    ) as [Buffer, Buffer];
    const header = Buffer.concat([
      Buffer.from('1f8b081e0000000000ff', 'hex'),
      Buffer.from([3, 0, 1, 2, 3]),
      Buffer.from('report.xml\0a comment\0'),
      Buffer.alloc(2),
    ]);
    const content = Buffer.concat([header, first.subarray(10), second]);
    expect(await readReport(givenMail({ content }))).toMatchObject({ messages: 1 });
    expect(await reasonFor(givenMail({ content: content.subarray(0, 20) }))).toBe('truncated');
  });

  test('a damaged attachment beside a good one, a report in a forwarded mail', async () => {
    const good = { content: gzipSync(givenXml()) };
    const bad = { content: good.content.subarray(0, 40) };
    expect(await readReport(givenMultipart(bad, good))).toMatchObject({ messages: 1 });
    const forwarded = {
      type: 'message/rfc822',
      encoding: '7bit',
      content: givenMail(good),
    } as const;
    expect(await readReport(givenMultipart(forwarded))).toMatchObject({ messages: 1 });
  });

  test('the last boundary missing, a boundary that begins like another', async () => {
    const mail = givenMultipart({ content: gzipSync(givenXml()) }).toString('latin1');
    const cut = mail.slice(0, mail.lastIndexOf('--=_b (1)--'));
    expect(await readReport(Buffer.from(cut, 'latin1'))).toMatchObject({ messages: 1 });
    const longer = mail.replace('not shown', '--=_b (1)longer\r\nnot a part');
    expect(await readReport(Buffer.from(longer, 'latin1'))).toMatchObject({ messages: 1 });
  });

  test('rows before the domain that they are about', async () => {
    const xml = givenXml([{ count: 3 }]);
    const policy = /<policy_published>.*<\/policy_published>/.exec(xml)?.[0] as string;
    const turned = xml.replace(policy, '').replace('</feedback>', `${policy}</feedback>`);
    expect(await readReport(gzipped(turned))).toMatchObject({
      domain: 'shop.example',
      messages: 3,
    });
  });
});

test('any bytes give a report or a reason, never another error', async () => {
  const xml = Buffer.from(givenXml([{ count: 2 }, { ip: '2001:db8::1' }]));
  const contents = [gzipSync(xml), givenZip(xml), xml];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...contents),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
      fc.nat(),
      async (content, changes, cut) => {
        const damaged = Buffer.from(content.subarray(0, content.length - (cut % 40)));
        for (const [at, octet] of changes) damaged[at % damaged.length] = octet;
        try {
          const { messages, groups } = await readReport(givenMail({ content: damaged }), small);
          expect(groups.reduce((sum, group) => sum + group.messages, 0)).toBe(messages);
        } catch (error) {
          if (!(error instanceof UnreadableReport)) throw error;
          expect(error.message).toMatch(/^\S.*\.$/);
        }
      },
    ),
    { numRuns: 400 },
  );
});
