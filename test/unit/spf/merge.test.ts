import { describe, expect, test } from 'vitest';
import { isSpfRecord, parseSpf } from '#shared/spf/record.ts';
import { mergedSpf } from '#shared/spf/merge.ts';

const host = '_spf.label.s1.sd.example.net';
const ours = `include:${host}`;
const merged = (...existing: string[]) => mergedSpf(existing, host, { existing: 0, ours: 2 });

describe('one record comes of it', () => {
  test.each([
    [[], `v=spf1 ${ours} ~all`],
    [['google-site-verification=x'], `v=spf1 ${ours} ~all`],
    [['v=spf1 -all'], `v=spf1 ${ours} -all`],
    [['v=spf1 mx include:a.test ?all'], `v=spf1 mx include:a.test ${ours} ?all`],
    [['V=SPF1  MX  ~ALL'], `v=spf1 MX ${ours} ~ALL`],
    [['v=spf1 mx'], `v=spf1 mx ${ours}`],
    [['v=spf1 mx redirect=a.test'], `v=spf1 mx ${ours} redirect=a.test`],
    [['v=spf1 mx -all exp=why.test'], `v=spf1 mx ${ours} -all exp=why.test`],
    [['v=spf1 mx -all ip4:192.0.2.1'], `v=spf1 mx ${ours} -all`],
    [[`v=spf1 -all ${ours}`], `v=spf1 ${ours} -all`],
    [[`v=spf1 ~${ours} a -all`], `v=spf1 a ${ours} -all`],
    [['v=spf1 a -all', 'v=spf1 mx a ~all'], `v=spf1 a mx ${ours} ~all`],
    [[`v=spf1 ${ours} ~all`, 'v=spf1 mx -all'], `v=spf1 mx ${ours} ~all`],
  ])('%j', (existing, record) => {
    expect(merged(...existing)).toEqual({ kind: 'merged', record });
    expect(isSpfRecord(record) && parseSpf(record)).toBeTruthy();
  });

  test('a domain without SPF gets the end that was asked for', () => {
    expect(mergedSpf([], host, { existing: 0, ours: 2 }, '-all')).toEqual({
      kind: 'merged',
      record: `v=spf1 ${ours} -all`,
    });
  });
});

test('what is right stays as it is', () => {
  expect(merged(`v=spf1 mx +${ours.toUpperCase()} -all`, 'other')).toEqual({ kind: 'unchanged' });
});

test('over 10 look-ups it is refused, with the count', () => {
  const at = (existing: number) => mergedSpf(['v=spf1 mx -all'], host, { existing, ours: 2 });
  expect(at(8).kind).toBe('merged');
  expect(at(9)).toEqual({ kind: 'too-many-lookups', lookups: 11 });
  const both = [`v=spf1 ${ours} -all`, 'v=spf1 mx -all'];
  expect(mergedSpf(both, host, { existing: 10, ours: 2 }).kind).toBe('merged');
});

test('what cannot be read is told', () => {
  expect(merged('v=spf1 foo -all')).toEqual({
    kind: 'unreadable',
    detail: '"foo" in the SPF record is wrong: there is no such mechanism',
  });
});
