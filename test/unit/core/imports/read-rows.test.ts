import { describe, expect, test } from 'vitest';
import { readRows } from '#shared/core/imports/read-rows.ts';
import type { DomainName } from '#shared/core/model/names.ts';

const zone = 'sd.example.net' as DomainName;
const csv = (...lines: string[]) => readRows(lines.join('\n'), 'csv', zone);
const jsonl = (...lines: object[]) =>
  readRows(lines.map((line) => JSON.stringify(line)).join('\n'), 'jsonl', zone);

describe('readRows', () => {
  test('reads CSV by the names of its columns, in any order and spelling', () => {
    const [row] = csv(
      'Domain;External ID;DNS_contact;Language;Name;contact-name;notes',
      'Shop.Example.;c-1;ann@agency.example;de-AT;Bakery;Ann;x',
    );
    expect(row).toEqual({
      row: 1,
      externalId: 'c-1',
      domain: 'shop.example',
      name: 'Bakery',
      contact: { email: 'ann@agency.example', name: 'Ann', language: 'de' },
    });
  });

  test('reads JSON lines, with the contact as an address or an object', () => {
    const contact = { email: 'ann@agency.example', name: 'Ann', language: 'fr' };
    expect(
      jsonl(
        { externalId: 17, domain: 'a.example', contact },
        { externalId: 'c-2', domain: 'b.example', contact: 'ann@agency.example', language: 'NL' },
        { externalId: 'c-3', domain: 'c.example' },
      ),
    ).toEqual([
      { row: 1, externalId: '17', domain: 'a.example', contact },
      {
        row: 2,
        externalId: 'c-2',
        domain: 'b.example',
        contact: { email: 'ann@agency.example', language: 'nl' },
      },
      { row: 3, externalId: 'c-3', domain: 'c.example' },
    ]);
  });

  test.each([
    [',a.example,,', 'invalid-body', 'it is empty'],
    ['two words,a.example,,', 'invalid-body', 'visible ASCII'],
    ['c-1,,,', 'domain-invalid', 'it is empty'],
    ['c-1,https://a.example,,', 'domain-invalid', 'it is a URL'],
    ['c-1,ann@a.example,,', 'domain-invalid', 'email address'],
    ['c-1,co.uk,,', 'domain-is-public-suffix', 'public suffix'],
    ['c-1,github.io,,', 'domain-is-public-suffix', 'public suffix'],
    ['c-1,x.sd.example.net,,', 'domain-not-claimable', 'belongs to this service'],
    ['c-1,a.example,nobody,', 'invalid-body', 'no mail address'],
    ['c-1,a.example,a@b.example,klingon', 'invalid-body', 'no language'],
  ])('the row %s fails by itself: %s', (line, code, why) => {
    const [failed, kept] = csv('externalId,domain,contact,language', line, 'c-9,z.example,,');
    expect(failed?.outcome).toMatchObject({ state: 'failed', code });
    expect(failed?.outcome?.detail).toContain(why);
    expect(kept).toEqual({ row: 2, externalId: 'c-9', domain: 'z.example' });
  });

  test('a row that says what an earlier one does is not done again', () => {
    const rows = csv(
      'externalId,domain',
      'c-1,a.example',
      'c-1,A.EXAMPLE.',
      'c-2,a.example',
      'c-1,b.example',
    );
    expect(rows.map(({ outcome }) => outcome?.state)).toEqual([
      undefined,
      'repeated',
      undefined,
      undefined,
    ]);
    expect(rows[1]?.outcome?.detail).toBe('Row 1 says the same.');
  });

  test.each([
    ['csv', 'customer,site\n1,2', 'no column "domain"; it has "customer", "site"'],
    ['csv', 'externalId,domain\n"1,2', 'it is not CSV: the quote that line 2 opens'],
    ['csv', 'externalId,domain\n', 'it has no rows'],
    ['jsonl', '{"externalId":"1"', 'line 1 is not JSON'],
    ['jsonl', '{"externalId":"1","domain":"a.example"}\n[]', 'line 2 is no JSON object'],
    ['csv', `externalId,domain\n${'1,a.example\n'.repeat(10_001)}`, '10001 rows'],
  ] as const)('refuses a list in %s as a whole: %j', (format, text, why) => {
    expect(() => readRows(text, format, zone)).toThrow(
      expect.objectContaining({ code: 'invalid-body' }),
    );
    expect(() => readRows(text, format, zone)).toThrow(why);
  });
});
