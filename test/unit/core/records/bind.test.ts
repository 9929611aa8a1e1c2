import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bind } from '#shared/core/records/bind.ts';
import { customerRecords, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import { remainingChanges } from '#shared/core/records/remaining-change.ts';
import { parseZoneFile } from '../../../../local/dns/zone-file.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';

const claim = givenClaim();
const { domain } = claim;
const text = (value: string): CustomerRecord => ({
  id: 'spf',
  purpose: 'spf',
  name: domain,
  type: 'TXT',
  value,
  required: false,
  why: 'Because.',
});

/** The export of records that a check found missing. */
const bindOf = (records: readonly CustomerRecord[]): string =>
  bind(
    domain,
    remainingChanges(
      records.map((record) => ({ ...record, status: 'missing', code: 'missing', observed: [] })),
    ),
  );

/** The records of a zone file as customer records have them: name, type, value. */
function read(zoneFile: string): [string, string, string][] {
  return parseZoneFile(zoneFile, domain).map((record): [string, string, string] => {
    const { name, type } = record;
    if (type === 'TXT') {
      const parts = [record.data].flat().map((part) => Buffer.from(part));
      return [name, type, Buffer.concat(parts).toString()];
    }
    if (type === 'MX') return [name, type, `${record.data.preference} ${record.data.exchange}`];
    if (type === 'CNAME') return [name, type, record.data];
    throw new Error(`a ${type} record was not asked for`);
  });
}

describe('bind', () => {
  test('reads back as the records, by the parser that the customer zones are served with', () => {
    const records = customerRecords(claim, { token: 'dG9rZW4=' }, deployment);
    expect(read(bindOf(records))).toEqual(
      records.map(({ name, type, value }) => [name, type, value]),
    );
  });

  test('names are absolute, so the origin it is read under does not matter', () => {
    const zoneFile = bindOf(customerRecords(claim, { token: 'dG9rZW4=' }, deployment));
    for (const line of zoneFile.split('\n').filter((one) => / IN /.test(one))) {
      expect(line).toMatch(/^(; )?[a-z0-9_.-]+\. IN (CNAME|MX|TXT) /);
      if (/ IN (CNAME|MX) /.test(line)) expect(line).toMatch(/\.$/);
    }
    expect(zoneFile).toContain('\n$ORIGIN example.com.\n$TTL 3600\n');
    expect(zoneFile).toMatch(/^[\t\n\x20-\x7e]*\n$/);
  });

  test('says what is required, and why each record is there', () => {
    const records = customerRecords(claim, { token: 'dG9rZW4=' }, deployment);
    const [, required, recommended] = bindOf(records).split(/^; (?:Required|Recommended)$/m);
    for (const { id, why, required: must } of records) {
      expect(must ? required : recommended).toContain(`; ${id}: ${why}\n`);
    }
  });

  test.each([undefined, ''])('a value that is not known yet (%j) is a comment', (value) => {
    const zoneFile = bindOf([{ ...text(''), value }]);
    expect(read(zoneFile)).toEqual([]);
    expect(zoneFile).toContain('; example.com TXT is left to you. It is not known yet');
  });

  test('TXT is cut at 255 octets and quoted', () => {
    expect(bindOf([text('a'.repeat(256))])).toContain(` TXT "${'a'.repeat(255)}" "a"\n`);
    expect(bindOf([text('say "a\\b"; ü')])).toContain(' TXT "say \\"a\\\\b\\"; \\195\\188"\n');
  });

  test('any text reads back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 700 }), (octets) => {
        const value = Buffer.from(octets).toString('latin1');
        expect(read(bindOf([text(value)]))).toEqual([
          [domain, 'TXT', Buffer.from(value).toString()],
        ]);
      }),
    );
  });
});
