import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type AggregateReport,
  readAggregateReport,
} from '#shared/core/reports/aggregate-report.ts';
import { daysBetween } from '#shared/core/reports/day.ts';
import { reportKey } from '#shared/core/reports/identity.ts';
import { dayOfReport } from '#shared/core/reports/spread.ts';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';
import { givenMail, givenMultipart, givenXml, givenZip } from './given-mail.ts';
import { readReport } from './read-one.ts';

const reading = (xml: string): Promise<AggregateReport> => readAggregateReport([Buffer.from(xml)]);
const code = (reason: string) => (error: unknown) =>
  error instanceof UnreadableReport && error.code === reason;

const at = (text: string) => Date.parse(text) / 1_000;

const day = (begin: string, end: string) => dayOfReport({ begin: at(begin), end: at(end) });

describe('times', () => {
  test.each([
    ['seconds', '1793577600', '1793663999'],
    ['seconds with a fraction', '1793577600.0', '1793663999.9'],
    ['milliseconds', '1793577600000', '1793663999000'],
    ['dates', '2026-11-02T00:00:00Z', '2026-11-02T23:59:59Z'],
  ])('in %s', async (_what, begin, end) => {
    const xml = givenXml().replace('1793577600', begin).replace('1793663999', end);
    expect(await reading(xml)).toMatchObject({ begin: 1_793_577_600, end: 1_793_663_999 });
  });

  test('that are none make a report that cannot be counted', async () => {
    const xml = givenXml().replace('1793577600', 'yesterday');
    await expect(reading(xml)).rejects.toSatisfy(code('incomplete'));
  });

  test('a report counts for the day of its middle', () => {
    expect(day('2026-11-02T00:00:00Z', '2026-11-03T00:00:00Z')).toBe('2026-11-02');
    expect(day('2026-11-01T21:00:00Z', '2026-11-02T20:59:59Z')).toBe('2026-11-02');
    expect(daysBetween('2026-10-24', '2026-11-02')).toBe(9);
  });
});

const keyOf = async (xml: string) => reportKey(await reading(xml));

describe('names', () => {
  test('of international domains, in capitals, with a dot at their end', async () => {
    const xml = givenXml([{ from: 'BÜCHER.shop.example.' }]);
    const { groups } = await reading(xml);
    expect(groups[0]?.scope).toBe('subdomain');
    const other = await reading(givenXml([{ from: 'elsewhere.example' }]));
    expect(other.groups[0]?.scope).toBe('foreign');
  });

  test('an organization without a name has that of its address', async () => {
    const unnamed = givenXml().replace(
      '<org_name>reporter.example</org_name>',
      '<email>dmarc@reporter.example</email>',
    );
    expect((await reading(unnamed)).organization).toBe('reporter.example');
    const nobody = givenXml().replace('<org_name>reporter.example</org_name>', '');
    expect((await reading(nobody)).organization).toBe('');
  });

  test('ids identify reports within an organization only', async () => {
    const key = await keyOf(givenXml([{}], 'one'));
    expect(await keyOf(givenXml([{ count: 9 }], 'one').replace('reporter', 'REPORTER'))).toBe(key);
    expect(await keyOf(givenXml([{}], 'two'))).not.toBe(key);
    expect(await keyOf(givenXml([{}], 'one').replace('reporter', 'other'))).not.toBe(key);
  });
});

const row = (inner: string): string =>
  givenXml([]).replace('</feedback>', `<record>${inner}</record></feedback>`);

const dkim = (domain: string, selector: string, result: string) =>
  `<dkim><domain>${domain}</domain><selector>${selector}</selector><result>${result}</result></dkim>`;

const plain = '<row><source_ip>192.0.2.1</source_ip><count>1</count></row>';
const group = async (auth: string) =>
  (await reading(row(`${plain}<auth_results>${auth}</auth_results>`))).groups[0];

const advised = async (...all: string[]) => (await group(all.join('')))?.signature?.selector;

describe('rows', () => {
  test('of SPF by HELO and by MAIL FROM: MAIL FROM counts', async () => {
    const helo = '<spf><domain>helo.example</domain><scope>HELO</scope><result>pass</result></spf>';
    const from =
      '<spf><domain>from.example</domain><scope>mfrom</scope><result>fail</result></spf>';
    expect((await group(helo + from))?.envelope).toEqual({
      domain: 'from.example',
      result: 'fail',
    });
    expect((await group(helo))?.envelope).toEqual({ domain: 'helo.example', result: 'pass' });
  });

  test.each([
    ['Pass', 'pass'],
    ['hardfail', 'fail'],
    ['SoftFail', 'softfail'],
    ['error', 'temperror'],
    ['unknown', 'permerror'],
    ['bestguesspass', 'none'],
  ])('the result %s means %s', async (word, result) => {
    const auth = `<spf><domain>a.example</domain><result>${word}</result></spf>`;
    expect((await group(auth))?.envelope?.result).toBe(result);
  });

  test('of several signatures the aligned one that passes comes first', async () => {
    const [other, broken, good] = [
      dkim('esp.example', 'other', 'pass'),
      dkim('shop.example', 'broken', 'fail'),
      dkim('mail.shop.example', 'good', 'pass'),
    ] as const;
    expect(await advised(other, broken, good)).toBe('good');
    expect(await advised(other, broken)).toBe('broken');
    expect(await advised(other)).toBe('other');
    expect(await advised('<dkim><result>none</result></dkim>')).toBeUndefined();
  });

  test.each([
    ['without a count', '<row><source_ip>192.0.2.1</source_ip></row>'],
    ['of a negative count', '<row><source_ip>192.0.2.1</source_ip><count>-1</count></row>'],
    ['without an address', '<row><count>1</count></row>'],
    ['without anything', ''],
  ])('%s are left out, and counted as unreadable', async (_what, inner) => {
    expect(await reading(row(inner))).toMatchObject({ rows: 1, unreadableRows: 1, messages: 0 });
  });

  test('texts outside of what is known, however often, are passed over', async () => {
    const odd = Array.from({ length: 200 }, (_, n) => `<odd${n}>x</odd${n}>`).join('');
    const xml = row(`${odd}${plain}<row><count>7</count></row></record></record><record>${odd}`);
    expect(await reading(xml)).toMatchObject({ messages: 1 });
  });

  test('within a schema that is never closed, as some reporters write', async () => {
    const wrapped = givenXml([{ count: 4 }]).replace(
      '<feedback>',
      '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://dmarc.org/dmarc-xml/0.1">\n<feedback>',
    );
    expect(wrapped).toContain('xs:schema');
    expect(await reading(wrapped)).toMatchObject({ rows: 1, messages: 4 });
  });

  test('too many before the domain that they are about make no report', async () => {
    const xml = givenXml(Array.from({ length: 10_001 }, () => ({})));
    const policy = /<policy_published>.*<\/policy_published>/.exec(xml)?.[0] as string;
    const turned = xml.replace(policy, '').replace('</feedback>', `${policy}</feedback>`);
    await expect(reading(turned)).rejects.toSatisfy(code('incomplete'));
  });
});

const mail = (body: string) =>
  Buffer.from(
    `Content-Type: text/xml\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n${body}`,
  );

describe('containers', () => {
  test('a zip that is not compressed, whose first file is no XML, whose name says nothing', async () => {
    const xml = Buffer.from(givenXml());
    for (const options of [{ method: 0 }, { name: 'report' }, { name: 'REPORT.XML' }]) {
      const content = givenZip(xml, options);
      expect(await readReport(givenMail({ content }))).toMatchObject({ messages: 1 });
    }
  });

  test.each<[string, (zip: Buffer) => number]>([
    ['its directory', (zip) => zip.length - 22 + 16],
    ['its file', (zip) => zip.readUInt32LE(zip.length - 22 + 16) + 42],
  ])('a zip that points elsewhere for %s is damaged', async (_what, at) => {
    for (const offset of [7, 0x7fffffff]) {
      const zip = givenZip(Buffer.from(givenXml()));
      zip.writeUInt32LE(offset, at(zip));
      await expect(readReport(givenMail({ content: zip }))).rejects.toSatisfy(code('corrupt'));
    }
  });

  test('gzip in gzip, and gzip in a zip; no deeper', async () => {
    const gzip = gzipSync(givenXml([{ count: 3 }]));
    for (const content of [gzipSync(gzip), givenZip(gzip, { name: 'report.xml.gz' })]) {
      expect(await readReport(givenMail({ content }))).toMatchObject({ messages: 3 });
    }
    const thrice = givenMail({ content: gzipSync(gzipSync(gzip)) });
    await expect(readReport(thrice)).rejects.toSatisfy(code('not-a-report'));
    const cut = givenMail({ content: gzipSync(gzip.subarray(0, -9)) });
    await expect(readReport(cut)).rejects.toSatisfy(code('truncated'));
  });

  test('quoted-printable as mailers write it, and as they should not', async () => {
    const xml = givenXml([{ count: 3 }])
      .replaceAll('=', '=3D')
      .replace('feedback>', 'feed=\r\nback>');
    expect(await readReport(mail(xml))).toMatchObject({ messages: 3 });
    expect(await readReport(mail(xml.replace('=\r\n', '=\n')))).toMatchObject({ messages: 3 });
    expect(await readReport(mail(`${xml}<!-- = =Z1 =5 -->`))).toMatchObject({ messages: 3 });
  });

  test('a boundary with quotes in it, a part without a header, a nested multipart', async () => {
    const inner = givenMultipart({ content: gzipSync(givenXml()) }).toString('latin1');
    const nested = inner.slice(inner.indexOf('Content-Type: multipart'));
    const mail = [
      'Content-Type: multipart/mixed; boundary="a\\"b"',
      '',
      '--a"b',
      '',
      'no header',
      '--a"b',
      nested,
      '--a"b--',
    ].join('\r\n');
    expect(await readReport(Buffer.from(mail, 'latin1'))).toMatchObject({ messages: 1 });
  });
});
