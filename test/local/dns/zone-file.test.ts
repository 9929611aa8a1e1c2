import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { ZoneFileError, parseZoneFile } from '../../../local/dns/zone-file.ts';
import type { ZoneRecord } from '../../../local/dns/records.ts';

const parse = (text: string): ZoneRecord[] => parseZoneFile(text, 'Example.COM.');

function attempt(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return error;
  }
}

const texts = (record: ZoneRecord | undefined): string[] => {
  if (record?.type !== 'TXT' || !Array.isArray(record.data)) throw new Error('not a TXT record');
  return record.data.map((part) => part.toString('latin1'));
};

describe('a zone file', () => {
  test('has its names relative to the origin, which starts as the zone', () => {
    const records = parse(
      [
        '$TTL 1h',
        '@ IN SOA ns1 hostmaster.example.com. (',
        '  2026010101 ; serial',
        '  2h 15m 2w 60 )',
        '  IN NS ns1.hoster.net.',
        'www 300 IN CNAME @',
        '$ORIGIN mail.example.com.',
        '@ IN 600 MX 10 in',
        '* A 192.0.2.1',
      ].join('\n'),
    );
    expect(records).toEqual([
      {
        name: 'example.com',
        type: 'SOA',
        ttl: 3600,
        data: {
          mname: 'ns1.example.com',
          rname: 'hostmaster.example.com',
          serial: 2_026_010_101,
          refresh: 7200,
          retry: 900,
          expire: 1_209_600,
          minimum: 60,
        },
      },
      { name: 'example.com', type: 'NS', ttl: 3600, data: 'ns1.hoster.net' },
      { name: 'www.example.com', type: 'CNAME', ttl: 300, data: 'example.com' },
      {
        name: 'mail.example.com',
        type: 'MX',
        ttl: 600,
        data: { preference: 10, exchange: 'in.mail.example.com' },
      },
      { name: '*.mail.example.com', type: 'A', ttl: 3600, data: '192.0.2.1' },
    ]);
  });

  test('keeps the strings of a TXT apart, over lines, with escapes and semicolons', () => {
    const [record] = parse('@ TXT ( "v=DKIM1; k=rsa; "\n "p=a\\"b\\092\\255" ) ; a comment');
    expect(texts(record)).toEqual(['v=DKIM1; k=rsa; ', 'p=a"b\\\u00FF']);
  });

  test('takes unquoted TXT words as strings of their own', () => {
    expect(texts(parse('@ TXT v=spf1 -all')[0])).toEqual(['v=spf1', '-all']);
  });

  test('takes any octets in quoted strings back as they were', () => {
    const octets = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 255 });
    fc.assert(
      fc.property(octets, (codes) => {
        const escaped = codes.map((code) => `\\${String(code).padStart(3, '0')}`).join('');
        const expected = String.fromCharCode(...codes);
        expect(texts(parse(`@ TXT "${escaped}"`)[0])).toEqual([expected]);
      }),
    );
  });

  test.each([
    ['@ A 192.0.2.256', 1, '192.0.2.256 is not an IPv4 address'],
    ['; note\n@ TXT "open', 2, 'not closed'],
    ['@ TXT ( "a"', 1, '( is not closed'],
    ['@ TXT "a" )', 1, ') closes nothing'],
    ['  A 192.0.2.1', 1, 'no owner'],
    ['@ IN', 1, 'no type'],
    ['@ CH TXT "a"', 1, 'class CH'],
    ['@ HINFO a b', 1, 'type HINFO is not supported'],
    ['www.example.net. A 192.0.2.1', 1, 'not within example.com'],
    ['$INCLUDE other', 1, '$INCLUDE is not supported'],
    ['@ MX in', 1, '1 fields where 2 belong'],
    [`@ TXT "${'a'.repeat(256)}"`, 1, '256 octets'],
    ['a CNAME b\na TXT "c"', 1, 'a CNAME and other records'],
    ['@ TXT "a\\999"', 1, 'not an octet'],
    ['a..b A 192.0.2.1', 1, 'empty label'],
  ])('%j is refused at its line', (text, line, reason) => {
    const caught = attempt(text);
    expect(caught).toBeInstanceOf(ZoneFileError);
    expect(caught).toMatchObject({ line, message: expect.stringContaining(reason) });
  });

  test('never fails but with the line that is wrong', () => {
    const lines = fc.array(
      fc.constantFrom('@', 'a', ' ', '"', '(', ')', ';', '\\', '\n', 'TXT', '1'),
    );
    fc.assert(
      fc.property(lines, (parts) => {
        const outcome = attempt(parts.join(''));
        expect(outcome instanceof Error ? outcome.name : 'parsed').toMatch(
          /^(?:parsed|ZoneFileError)$/,
        );
      }),
      { numRuns: 2000 },
    );
  });
});
