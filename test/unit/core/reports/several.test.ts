import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { MAX_REPORTS_PER_MAIL, readReports } from '#shared/core/reports/read-reports.ts';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';
import { givenMail, givenMultipart, givenXml, givenZip, zipOfFiles } from './given-mail.ts';

/** The messages of each report of a mail, or its reason. */
const readings = async (raw: Buffer) =>
  (await readReports(raw)).map((one) =>
    one instanceof UnreadableReport ? one.code : `${one.reportId}: ${one.messages}`,
  );

const report = (id: string, count: number) => Buffer.from(givenXml([{ count }], id));

describe('several reports in one mail', () => {
  test('as attachments are each read', async () => {
    const mail = givenMultipart(
      { content: gzipSync(report('a', 3)) },
      { type: 'text/xml', encoding: '7bit', content: report('b', 4) },
      { content: givenZip(report('c', 5)) },
    );
    expect(await readings(mail)).toEqual(['a: 3', 'b: 4', 'c: 5']);
  });

  test('as files of one zip are each read, and other files passed over', async () => {
    const files = [
      { name: 'a.xml', content: report('a', 3) },
      { name: 'readme.txt', content: Buffer.from('hello') },
      { name: 'b.xml', content: report('b', 4) },
      { name: 'c.xml.gz', content: gzipSync(report('c', 5)) },
    ];
    expect(await readings(givenMail({ content: zipOfFiles(files) }))).toEqual([
      'a: 3',
      'b: 4',
      'c: 5',
    ]);
    const unnamed = files.slice(0, 3).map((file, n) => ({ ...file, name: `${n}` }));
    expect(await readings(givenMail({ content: zipOfFiles(unnamed) }))).toEqual(['a: 3', 'b: 4']);
  });

  test('a damaged one leaves the others as they are, and has its reason', async () => {
    const good = { content: gzipSync(report('a', 3)) };
    const cut = { content: gzipSync(report('b', 4)).subarray(0, 60) };
    expect(await readings(givenMultipart(cut, good))).toEqual(['truncated', 'a: 3']);
    const damaged = zipOfFiles([
      { name: 'a.xml', content: report('a', 3), crc: 7 },
      { name: 'b.xml', content: report('b', 4) },
    ]);
    expect(await readings(givenMail({ content: damaged }))).toEqual(['corrupt', 'b: 4']);
    const other = { content: gzipSync('<html></html>') };
    expect(await readings(givenMultipart(other, good))).toEqual(['a: 3']);
    expect(await readings(givenMultipart(other, other))).toEqual(['not-a-report', 'not-a-report']);
  });

  test('more than are read are said to be too many', async () => {
    const parts = Array.from({ length: MAX_REPORTS_PER_MAIL + 1 }, (_, n) => ({
      content: gzipSync(report(`${n}`, 1)),
    }));
    const read = await readings(givenMultipart(...parts));
    expect(read).toHaveLength(MAX_REPORTS_PER_MAIL + 1);
    expect(read.at(-1)).toBe('too-many-parts');
    const files = Array.from({ length: 101 }, (_, n) => ({
      name: `${n}.xml`,
      content: report(`${n}`, 1),
    }));
    expect(await readings(givenMail({ content: zipOfFiles(files) }))).toEqual(['too-many-parts']);
  });

  test('together decompress to no more than three times the limit of one', async () => {
    const size = { compressed: 20_000, decompressed: 100_000 };
    const padded = report('a', 1)
      .toString()
      .replace('</feedback>', `${'<a></a>'.repeat(12_000)}</feedback>`);
    const parts = Array.from({ length: 4 }, () => ({ content: gzipSync(padded) }));
    const read = await readReports(givenMultipart(...parts), size);
    expect(read.map((one) => (one instanceof UnreadableReport ? one.code : one.messages))).toEqual([
      1,
      1,
      1,
      'decompressed-too-large',
    ]);
  });
});
