import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { groupsFor } from '#shared/core/reports/about-domain.ts';
import {
  type AggregateReport,
  readAggregateReport,
} from '#shared/core/reports/aggregate-report.ts';
import { isCoarse } from '#shared/core/reports/spread.ts';
import { givenMail, givenMultipart, givenXml, givenZip, type GivenRow } from './given-mail.ts';
import { readReport } from './read-one.ts';

const written = (rows: readonly { readonly ip: string; readonly count: string }[]) =>
  givenXml(rows as unknown as GivenRow[]);

/** Each deviation of receivers, and what the report says, counted by hand. */
const kinds: [string, string, Partial<AggregateReport> & { below?: number; coarse?: boolean }][] = [
  ['as the RFC has it', givenXml([{ count: 3 }, { count: 4, dkim: 'fail' }]), { messages: 7 }],
  [
    'about a name below the domain',
    givenXml([{ count: 6, from: 'news.shop.example' }]).replace(
      '<domain>shop.example</domain><p>',
      '<domain>news.shop.example</domain><p>',
    ),
    { messages: 6, domain: 'news.shop.example', below: 6 },
  ],
  [
    'without an id',
    givenXml([{ count: 5 }]).replace('<report_id>1</report_id>', ''),
    { messages: 5, reportId: expect.stringMatching(/^content:/) },
  ],
  [
    'of twelve hours',
    givenXml([{ count: 2 }]).replace('1793663999', '1793620799'),
    { messages: 2, end: 1_793_620_799 },
  ],
  [
    'of four weeks',
    givenXml([{ count: 28 }]).replace('1793577600', '1791244800'),
    { messages: 28, coarse: true },
  ],
  [
    'with addresses and counts of other forms',
    written([
      { ip: '[2001:db8::1]', count: '1.0' },
      { ip: '192.0.2.1:25', count: '20' },
      { ip: '192.0.2.1', count: '300,0' },
      { ip: 'mail.shop.example', count: '4000' },
      { ip: '192.0.2.1', count: 'some' },
    ]),
    { messages: 321, rows: 5, unreadableRows: 2 },
  ],
];

/** The XML as a network gives it: in pieces of a few octets. */
function* pieces(xml: string): Generator<Buffer> {
  const bytes = Buffer.from(xml);
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

const containers: [string, (xml: string) => Promise<AggregateReport>][] = [
  ['a mail', (xml) => readReport(givenMultipart({ content: gzipSync(xml) }))],
  ['a zip', (xml) => readReport(givenMail({ content: givenZip(Buffer.from(xml)) }))],
  ['a stream', (xml) => readAggregateReport(pieces(xml))],
];

describe.each(kinds)('a report %s', (_kind, xml, { below = 0, coarse = false, ...content }) => {
  test.each(containers)('as %s has its sums', async (_container, read) => {
    const report = await read(xml);
    expect(report).toMatchObject({ unreadableRows: 0, ...content });
    const groups = groupsFor(report, 'shop.example');
    const sum = (some: typeof groups) => some.reduce((all, { messages }) => all + messages, 0);
    expect(sum(groups)).toBe(content.messages);
    expect(sum(groups.filter(({ scope }) => scope === 'subdomain'))).toBe(below);
    expect(isCoarse(report)).toBe(coarse);
  });
});
