import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAggregateReport } from '#shared/core/reports/aggregate-report.ts';
import { earlierReportKey, reportKey } from '#shared/core/reports/identity.ts';
import { dayOfReport, isCoarse, spread } from '#shared/core/reports/spread.ts';
import { givenGroup } from './given-day.ts';
import { givenXml } from './given-mail.ts';

const at = (text: string) => Date.parse(text) / 1_000;
const fourWeeks = { begin: at('2026-10-05T00:00:00Z'), end: at('2026-11-01T23:59:59Z') };

const total = (shares: ReturnType<typeof spread>): number =>
  shares.reduce(
    (sum, { groups }) => sum + groups.reduce((all, { messages }) => all + messages, 0),
    0,
  );

describe('a report of several days', () => {
  test('is one of over 48 hours', () => {
    const begin = at('2026-10-05T00:00:00Z');
    expect(isCoarse({ begin, end: begin + 86_400 })).toBe(false);
    expect(isCoarse({ begin, end: begin + 2 * 86_400 })).toBe(false);
    expect(isCoarse({ begin, end: begin + 3 * 86_400 })).toBe(true);
  });

  test('of four weeks has an equal share on each of its days, that of the middle first', () => {
    const shares = spread(fourWeeks, [givenGroup({ messages: 280 })]);
    expect(shares[0]?.day).toBe(dayOfReport(fourWeeks));
    expect(shares[0]?.day).toBe('2026-10-18');
    const days = shares.map(({ day }) => day).toSorted();
    expect([days[0], days.at(-1), days.length]).toEqual(['2026-10-05', '2026-11-01', 28]);
    for (const { groups } of shares) expect(groups).toEqual([givenGroup({ messages: 10 })]);
  });

  test('from noon to noon has half a share at both ends', () => {
    const range = { begin: at('2026-10-05T12:00:00Z'), end: at('2026-10-09T12:00:00Z') };
    const shares = spread(range, [givenGroup({ messages: 80 })]);
    const counts = shares
      .toSorted((a, b) => (a.day < b.day ? -1 : 1))
      .map(({ groups }) => groups[0]?.messages);
    expect(counts).toEqual([10, 20, 20, 20, 10]);
  });

  test('of few messages has days without any, and keeps the day of the middle', () => {
    const shares = spread(fourWeeks, [givenGroup({ messages: 1 })]);
    expect(total(shares)).toBe(1);
    expect(shares[0]).toEqual({ day: '2026-10-18', groups: [] });
    expect(spread(fourWeeks, [])).toEqual([{ day: '2026-10-18', groups: [] }]);
  });

  test('loses no message, whatever its time and groups', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2 * 86_400, max: 400 * 86_400 }),
        fc.nat(86_400),
        fc.array(fc.nat(1_000_000_000), { maxLength: 20 }),
        (length, offset, counts) => {
          const begin = fourWeeks.begin + offset;
          const groups = counts.map((messages) => givenGroup({ messages }));
          const sum = counts.reduce((all, count) => all + count, 0);
          expect(total(spread({ begin, end: begin + length }, groups))).toBe(sum);
        },
      ),
    );
  });
});

const reading = (xml: string) => readAggregateReport([Buffer.from(xml)]);
const keyOf = async (xml: string) => reportKey(await reading(xml));

const without = (count: number) =>
  givenXml([{ count }, { count: 2, ip: '192.0.2.9' }]).replace('<report_id>1</report_id>', '');

describe('the identity of a report', () => {
  test('is its id, its hours and its domain', async () => {
    const xml = givenXml([{}], 'one');
    const key = await keyOf(xml);
    expect(await keyOf(xml.replace('1793577600', '1793570400'))).not.toBe(key);
    expect(await keyOf(xml.replace('1793663999', '1793620799'))).not.toBe(key);
    expect(await keyOf(xml.replaceAll('shop.example', 'mail.shop.example'))).not.toBe(key);
    expect(await keyOf(xml.replace('<count>1<', '<count>2<'))).toBe(key);
  });

  test('is derived from the content where it has no id', async () => {
    const one = await reading(without(3));
    expect(one.reportId).toMatch(/^content:[\w-]{43}$/);
    expect(one.messages).toBe(5);
    expect((await reading(without(3))).reportId).toBe(one.reportId);
    expect((await reading(without(4))).reportId).not.toBe(one.reportId);
    const turned = without(3).replace(/(<record>.*<\/record>)\n(<record>.*<\/record>)/, '$2\n$1');
    expect(turned).not.toBe(without(3));
    expect((await reading(turned)).reportId).toBe(one.reportId);
  });

  test('has the key that version 0.2 stored beside it', async () => {
    const report = await reading(givenXml([{}], 'one'));
    // Printed by reportKey of that version.
    expect(earlierReportKey(report)).toBe('80A3TyrpBz7HU2_G');
  });
});
