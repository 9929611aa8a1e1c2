import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { AggregateReport } from '#shared/core/reports/aggregate-report.ts';
import { givenMail, givenMultipart } from './given-mail.ts';
import { readReport } from './read-one.ts';

const folder = join(import.meta.dirname, '../../../fixtures/reports');
const file = (name: string): Buffer => readFileSync(join(folder, name));

/** The content of each sample, counted by hand. */
interface Totals {
  readonly organization: string;
  readonly reportId: string;
  readonly rows: number;
  readonly unreadableRows: number;
  readonly messages: number;
  /** Messages that DKIM, SPF, and either of them passed for. */
  readonly dkim: number;
  readonly spf: number;
  readonly passed: number;
  readonly subdomains: number;
}

const samples: Record<string, Totals> = {
  'google.xml': {
    organization: 'google.com',
    reportId: '8020114365527361107',
    rows: 4,
    unreadableRows: 0,
    messages: 452,
    dkim: 415,
    spf: 415,
    passed: 415,
    subdomains: 3,
  },
  'microsoft.xml': {
    organization: 'Outlook.com',
    reportId: '0fd7b91d5a2f4c0f9f6b0c4d0d9e7a31',
    rows: 2,
    unreadableRows: 0,
    messages: 79,
    dkim: 77,
    spf: 77,
    passed: 77,
    subdomains: 0,
  },
  'yahoo.xml': {
    organization: 'Yahoo',
    reportId: '1793665811.442176',
    rows: 1,
    unreadableRows: 0,
    messages: 51,
    dkim: 51,
    spf: 51,
    passed: 51,
    subdomains: 0,
  },
  'mail-ru.xml': {
    organization: 'Mail.Ru',
    reportId: '17829164710039421733771793577600',
    rows: 2,
    unreadableRows: 0,
    messages: 10,
    dkim: 10,
    spf: 6,
    passed: 10,
    subdomains: 0,
  },
  'fastmail.xml': {
    organization: 'Fastmail Pty Ltd',
    reportId: '418836210',
    rows: 1,
    unreadableRows: 0,
    messages: 5,
    dkim: 5,
    spf: 5,
    passed: 5,
    subdomains: 0,
  },
  'rfc9990.xml': {
    organization: 'Receiver of the new kind',
    reportId: '2026-11-02.shop.example@receiver.example',
    rows: 2,
    unreadableRows: 0,
    messages: 75,
    dkim: 64,
    spf: 64,
    passed: 64,
    subdomains: 11,
  },
  'capitals.xml': {
    organization: 'appliance.example',
    reportId: 'aggr_report_shop.example_20261102_1638',
    rows: 2,
    unreadableRows: 0,
    messages: 3,
    dkim: 1,
    spf: 1,
    passed: 1,
    subdomains: 0,
  },
  'broken-tags.xml': {
    organization: 'Brown & Sons',
    reportId: 'shop.example:1793663999',
    rows: 2,
    unreadableRows: 1,
    messages: 3,
    dkim: 3,
    spf: 0,
    passed: 3,
    subdomains: 0,
  },
};

function totalsOf(report: AggregateReport): Totals {
  const sum = (which: (group: AggregateReport['groups'][number]) => boolean): number =>
    report.groups.filter(which).reduce((total, { messages }) => total + messages, 0);
  const { organization, reportId, rows, unreadableRows, messages } = report;
  return {
    organization,
    reportId,
    rows,
    unreadableRows,
    messages,
    dkim: sum(({ dkim }) => dkim),
    spf: sum(({ spf }) => spf),
    passed: sum(({ dkim, spf }) => dkim || spf),
    subdomains: sum(({ scope }) => scope === 'subdomain'),
  };
}

describe.each(Object.entries(samples))('the sample %s', (name, totals) => {
  test('gives its totals as gzip, as its receivers send it', async () => {
    const attachment = { type: 'application/gzip', content: gzipSync(file(name)) };
    const report = await readReport(
      givenMultipart({ type: 'text/plain', encoding: '7bit', content: 'A report.' }, attachment),
    );
    expect(totalsOf(report)).toEqual(totals);
    expect(report.domain).toBe('shop.example');
    expect(report.groups.reduce((sum, { messages }) => sum + messages, 0)).toBe(report.messages);
  });

  test.each(['base64', 'quoted-printable', '7bit'] as const)(
    'gives its totals as the body of a mail in %s',
    async (encoding) => {
      const report = await readReport(
        givenMail({ type: 'text/xml', encoding, content: file(name) }),
      );
      expect(totalsOf(report)).toEqual(totals);
    },
  );
});

test('a zip gives the totals of the report in it', async () => {
  const report = await readReport(
    givenMultipart({ type: 'application/zip', content: file('microsoft.zip') }),
  );
  expect(totalsOf(report)).toEqual(samples['microsoft.xml']);
});

test('a zip that was written as a stream, with other files, and bytes after its end', async () => {
  const content = Buffer.concat([file('streamed.zip'), Buffer.from('\r\n')]);
  const report = await readReport(givenMail({ type: 'application/x-zip-compressed', content }));
  expect(totalsOf(report)).toEqual(samples['google.xml']);
});

test('rows show who sent mail, what was signed, and what receivers did', async () => {
  const { groups, begin, end } = await readReport(
    givenMail({ content: gzipSync(file('google.xml')) }),
  );
  expect([begin, end]).toEqual([1_793_577_600, 1_793_663_999]);
  expect(groups.find(({ messages }) => messages === 28)).toEqual({
    source: '2001:db8::19',
    scope: 'domain',
    disposition: 'quarantine',
    dkim: false,
    spf: false,
    signature: undefined,
    envelope: { domain: 'cheap-pills.example', result: 'softfail' },
    messages: 28,
  });
  // Of two signatures that pass the aligned one counts, though it does not come last.
  expect(groups.find(({ messages }) => messages === 412)?.signature).toEqual({
    domain: 'shop.example',
    selector: 'zero',
    result: 'pass',
  });
});

test('what a row leaves out is worked out from its results', async () => {
  const { groups } = await readReport(
    givenMail({ type: 'text/xml', content: file('capitals.xml') }),
  );
  expect(groups).toEqual([
    {
      source: '198.51.100.17',
      scope: 'domain',
      disposition: 'none',
      dkim: true,
      spf: true,
      signature: { domain: 'shop.example', selector: '', result: 'pass' },
      envelope: { domain: 'bounces.shop.example', result: 'pass' },
      messages: 1,
    },
    {
      source: '192.0.2.77',
      scope: 'domain',
      disposition: 'quarantine',
      dkim: false,
      spf: false,
      signature: { domain: 'shop.example', selector: 'zero', result: 'fail' },
      envelope: undefined,
      messages: 2,
    },
  ]);
});
