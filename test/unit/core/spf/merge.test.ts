import { expect, test } from 'vitest';
import { isSpfRecord, parseSpf, SpfSyntaxError } from '#shared/core/spf/record.ts';
import { withInclude } from '#shared/core/spf/merge.ts';

const host = '_spf.label.s1.sd.example.net';
const ours = `include:${host}`;

test.each([
  [[], `v=spf1 ${ours} ~all`],
  [['v=spf1 -all'], `v=spf1 ${ours} -all`],
  [['v=spf1 mx include:a.test ?all'], `v=spf1 mx include:a.test ${ours} ?all`],
  [['V=SPF1  MX  ~ALL'], `v=spf1 MX ${ours} ~ALL`],
  [['v=spf1 mx'], `v=spf1 mx ${ours}`],
  [['v=spf1 mx redirect=a.test'], `v=spf1 mx ${ours} redirect=a.test`],
  [['v=spf1 mx -all exp=why.test'], `v=spf1 mx ${ours} -all exp=why.test`],
  [['v=spf1 mx -all ip4:192.0.2.1'], `v=spf1 mx ${ours} -all`],
  [[`v=spf1 -all ${ours}`], `v=spf1 ${ours} -all`],
  [[`v=spf1 ~${ours} a -all`], `v=spf1 a ${ours} -all`],
  [[`v=spf1 ${ours} +${ours.toUpperCase()}. a -all`], `v=spf1 a ${ours} -all`],
  [['v=spf1 a -all', 'v=spf1 mx a ~all'], `v=spf1 a mx ${ours} ~all`],
  [[`v=spf1 ${ours} ~all`, 'v=spf1 mx -all'], `v=spf1 mx ${ours} ~all`],
])('of %j comes one record', (existing, record) => {
  expect(withInclude(existing, host)).toBe(record);
  expect(isSpfRecord(record) && parseSpf(record)).toBeTruthy();
  expect(parseSpf(withInclude([record], host))).toMatchObject({
    mechanisms: expect.arrayContaining([expect.objectContaining({ domain: host })]),
  });
});

test('a domain without SPF gets the end that was asked for', () => {
  expect(withInclude([], host, '-all')).toBe(`v=spf1 ${ours} -all`);
});

test('refuses a record that cannot be read', () => {
  expect(() => withInclude(['v=spf1 foo -all'], host)).toThrow(SpfSyntaxError);
});
