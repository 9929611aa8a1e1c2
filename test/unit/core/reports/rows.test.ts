import { describe, expect, test } from 'vitest';
import { readAggregateReport } from '#shared/core/reports/aggregate-report.ts';
import { givenXml } from './given-mail.ts';

const reading = (ip: string, count: string) =>
  readAggregateReport([Buffer.from(givenXml([{ ip, count: count as unknown as number }]))]);

describe('an address in a row', () => {
  test.each([
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:DB8:0:0::1]:25', '2001:db8::1'],
    ['[IPv6:2001:db8::1]', '2001:db8::1'],
    ['192.0.2.1:25', '192.0.2.1'],
    ['[192.0.2.1]', '192.0.2.1'],
    ['[192.0.2.1]:587', '192.0.2.1'],
    ['192.0.2.1/32', '192.0.2.1'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.000.002.001', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ])('%s is %s', async (text, address) => {
    expect(await reading(text, '1')).toMatchObject({
      unreadableRows: 0,
      groups: [{ source: address }],
    });
  });

  test.each(['192.0.2.0/24', '192.0.2', '192.0.2.01', 'mail.shop.example', '[]', '[192.0.2.1', ''])(
    '%s is none, and its row is counted as unreadable',
    async (text) => {
      expect(await reading(text, '7')).toMatchObject({ rows: 1, unreadableRows: 1, messages: 0 });
    },
  );
});

describe('a count in a row', () => {
  test.each([
    ['1.0', 1],
    ['12.00', 12],
    ['12,0', 12],
    ['12.000000', 12],
    ['7.', 7],
    ['+7', 7],
    ['1,234,567', 1_234_567],
    ['007', 7],
  ])('%s is %i', async (text, messages) => {
    expect(await reading('192.0.2.1', text)).toMatchObject({ unreadableRows: 0, messages });
  });

  // A thousand for some, one for others; halves; and what is no number.
  test.each(['1.000', '1.5', '-1', '1e3', '1 2', 'many', '1234567890123'])(
    '%s is none, and its row is counted as unreadable',
    async (text) => {
      expect(await reading('192.0.2.1', text)).toMatchObject({ unreadableRows: 1, messages: 0 });
    },
  );
});
