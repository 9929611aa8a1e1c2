import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnreadableReport } from '#shared/core/reports/unreadable.ts';
import { givenMail } from './given-mail.ts';
import { readReport } from './read-one.ts';

/** Other projects' reports, fetched by `.ci/corpora`; never part of this repository. */
const folder = join(import.meta.dirname, '../../../../.corpora/reports/dmarc-cat');
const available = existsSync(folder);
if (!available)
  console.warn(
    '\nSKIPPED: no reports of other projects here (.ci/corpora fetches them); they were not read.\n',
  );

const names = available ? readdirSync(folder) : [];
const reading = (name: string) =>
  readReport(givenMail({ content: readFileSync(join(folder, name)) }));

const sum = (some: readonly { readonly count: number }[]): number =>
  some.reduce((total, { count }) => total + count, 0);

/** The parts of a report's file name (RFC 9990 §3.4): `receiver!domain!begin!end.extension`. */
const stated = /^[^!]+!(?<domain>[^!]+)!(?<begin>\d+)!(?<end>\d+)\.(?<form>xml|xml\.gz|zip)$/;
const reports = names.filter((name) => stated.test(name));

describe.runIf(available)('the reports that dmarc-cat is tested with', () => {
  test('are here, plain and compressed', () => {
    const forms = reports.map((name) => stated.exec(name)?.groups?.['form']);
    expect(Object.groupBy(forms, (form) => form ?? '')).toEqual({
      xml: ['xml', 'xml'],
      'xml.gz': ['xml.gz'],
      zip: ['zip'],
    });
  });

  test.each(reports)(
    '%s is about what its name states, and as its plain form says',
    async (name) => {
      const { domain, begin, end, form = '' } = stated.exec(name)!.groups!;
      const report = await reading(name);
      expect(report).toMatchObject({ domain, begin: Number(begin), end: Number(end) });
      const xml = readFileSync(join(folder, name.slice(0, -form.length) + 'xml'), 'latin1');
      const rows = [...xml.matchAll(/<row>[^]*?<\/row>/g)].map(([row]) => ({
        count: Number(/<count>(\d+)</.exec(row)![1]),
        passed: /<(dkim|spf)>pass</.test(row),
      }));
      expect(report).toMatchObject({ rows: rows.length, unreadableRows: 0, messages: sum(rows) });
      const passed = report.groups.filter(({ dkim, spf }) => dkim || spf);
      expect(passed.reduce((total, { messages }) => total + messages, 0)).toBe(
        sum(rows.filter((row) => row.passed)),
      );
    },
  );

  test.each(names.filter((name) => !stated.test(name)))(
    '%s is refused with a reason',
    async (name) => {
      const refusal = await reading(name).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(UnreadableReport);
      expect((refusal as UnreadableReport).code).toMatch(/^(no-report|not-a-report|truncated)$/);
    },
  );
});
