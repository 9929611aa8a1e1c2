import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { recordsExport } from '#shared/api/routes/record-schemas.ts';
import { bind, cloudflare } from '#shared/core/records/bind.ts';
import { customerRecords, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import {
  remainingChanges,
  type Change,
  type RemainingChange,
} from '#shared/core/records/remaining-change.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { terraform } from '#shared/core/records/terraform.ts';
import { decodeTxt } from '#shared/core/records/txt.ts';
import { exportRecords } from '../../../../lambdas/domains/export-records.ts';
import { parseZoneFile } from '../../../../local/dns/zone-file.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { accepts, readTerraform, skipped, wholeZone, type TerraformSet } from './export-tools.ts';

const claim = givenClaim();
const { domain } = claim;
const advised = customerRecords(claim, { token: 'dG9rZW4=' }, deployment);
const untold = customerRecords(claim, undefined, deployment);

/** The changes for records that a check found missing. */
const missing = (records: readonly CustomerRecord[]) =>
  remainingChanges(
    records.map((record) => ({ ...record, status: 'missing', code: 'missing', observed: [] })),
  );

type Read = { name: string; type: string; value: string };
const plain = (records: readonly CustomerRecord[]): Read[] =>
  records.map(({ name, type, value }) => ({ name, type, value: value ?? '' }));

/** A TXT record of a text that has every character that a text can have. */
const anyText = fc
  .string({ unit: fc.constantFrom(...'ab "\\$%{};#=\t'.split('')), minLength: 1, maxLength: 700 })
  .map((value): CustomerRecord => ({
    id: 'spf',
    purpose: 'spf',
    name: domain,
    type: 'TXT',
    value,
    required: false,
    why: 'Because.',
  }));

const readZoneFile = (text: string): Read[] =>
  parseZoneFile(text, domain).map((record) => {
    const { name, type } = record;
    if (type === 'TXT') {
      const parts = [record.data].flat().map((part) => Buffer.from(part));
      return { name, type, value: Buffer.concat(parts).toString() };
    }
    if (type === 'MX') {
      return { name, type, value: `${record.data.preference} ${record.data.exchange}` };
    }
    if (type === 'CNAME') return { name, type, value: record.data };
    throw new Error(`a ${type} record was not asked for`);
  });

const written = (records: readonly CustomerRecord[]): string =>
  JSON.stringify(route53ChangeBatch(domain, missing(records)));

const single = ({ name, type, values }: TerraformSet): Read => ({
  name,
  type,
  value: values.join(),
});
const byName = (records: readonly Read[]): Read[] =>
  records.toSorted((a, b) => `${a.name} ${a.type}`.localeCompare(`${b.name} ${b.type}`));

describe.each([
  ['bind', bind],
  ['cloudflare', cloudflare],
])('%s', (_name, zoneFile) => {
  test('reads back as the records', () => {
    expect(readZoneFile(zoneFile(domain, missing(advised)))).toEqual(plain(advised));
    expect(readZoneFile(zoneFile(domain, missing(untold)))).toEqual(
      plain(untold.filter(({ value }) => value)),
    );
    fc.assert(
      fc.property(anyText, (record) => {
        expect(readZoneFile(zoneFile(domain, missing([record])))).toEqual(plain([record]));
      }),
    );
  });

  test('is accepted by named-checkzone', () => {
    const zone = wholeZone(zoneFile(domain, missing(advised)));
    const checked = accepts('named-checkzone', zone, '-i', 'none', domain, 'FILE');
    if (checked === undefined) return skipped('named-checkzone (bind9-utils)');
    expect(checked).toMatchObject({ status: 0, said: expect.stringMatching(/\nOK\n$/) });
  });

  test("is accepted by knot's kzonecheck", () => {
    const checked = accepts(
      'kzonecheck',
      wholeZone(zoneFile(domain, missing(advised))),
      '-o',
      domain,
      'FILE',
    );
    if (checked === undefined) return skipped('kzonecheck (knot-dnssecutils)');
    expect(checked).toMatchObject({ status: 0 });
  });
});

describe('names and texts as odd as can be', () => {
  const odd = fc.sample(anyText, { numRuns: 60, seed: 3 }).map((record, index): CustomerRecord => ({
    ...record,
    id: `text-${index}`,
    name: `${['_', 'xn--bcher-kva', '1-2', 'x'.repeat(63)][index % 4]}.t${index}.${domain}`,
  }));
  const zone = wholeZone(bind(domain, missing(odd)));

  test('are read by named-checkzone as what they are', () => {
    const checked = accepts('named-checkzone', zone, '-i', 'none', '-D', '-q', domain, 'FILE');
    if (checked === undefined) return skipped('named-checkzone (bind9-utils)');
    expect(checked.status, checked.said).toBe(0);
    const dump = checked.said.split('\n').filter((line) => /\sIN\s+TXT\s/.test(line));
    expect(byName(readZoneFile(dump.join('\n')))).toEqual(byName(plain(odd)));
  });

  test("are accepted by knot's kzonecheck", () => {
    const checked = accepts('kzonecheck', zone, '-o', domain, 'FILE');
    if (checked === undefined) return skipped('kzonecheck (knot-dnssecutils)');
    expect(checked).toMatchObject({ status: 0 });
  });
});

test('json keeps to the schema that the API publishes, and is the records', () => {
  const asAdvised = advised.map((record) => ({
    ...record,
    status: 'missing',
    code: 'missing',
    observed: [],
    hint: 'Create it.',
  }));
  const { body } = exportRecords(
    { name: domain, checkedAt: null, records: asAdvised } as never,
    [],
    'json',
  );
  const read = recordsExport.parse(JSON.parse(String(body)));
  expect(plain(read.records as unknown as CustomerRecord[])).toEqual(plain(advised));
});

test('cloudflare keeps the proxy off every CNAME, and off nothing else', () => {
  const lines = cloudflare(domain, missing(advised)).split('\n');
  const tagged = lines.filter((line) => line.endsWith(' ; cf_tags=cf-proxied:false'));
  expect(tagged).toEqual(lines.filter((line) => / IN CNAME /.test(line)));
  expect(tagged).toHaveLength(4);
});

describe('route53', () => {
  /** ChangeResourceRecordSets as the API reference and the CLI's skeleton have it. */
  const changeBatch = z.strictObject({
    Comment: z.string().max(256),
    Changes: z
      .array(
        z.strictObject({
          Action: z.enum(['CREATE', 'DELETE', 'UPSERT']),
          ResourceRecordSet: z.strictObject({
            Name: z.string().max(1024),
            Type: z.enum(['CNAME', 'MX', 'TXT']),
            TTL: z.int().min(0).max(2_147_483_647),
            ResourceRecords: z.array(z.strictObject({ Value: z.string().max(4000) })).min(1),
          }),
        }),
      )
      .min(1),
  });
  const read = (text: string): Read[] =>
    changeBatch
      .parse(JSON.parse(text))
      .Changes.map(({ ResourceRecordSet: { Name, Type, ResourceRecords } }) => {
        const value = ResourceRecords[0]!.Value;
        return {
          name: Name.replace(/\.$/, ''),
          type: Type,
          value: Type === 'TXT' ? decodeTxt(value) : value.replace(/\.$/, ''),
        };
      });
  test('keeps to the schema and reads back as the records', () => {
    expect(read(written(advised))).toEqual(plain(advised));
    fc.assert(
      fc.property(anyText, (record) => {
        expect(read(written([record]))).toEqual(plain([record]));
      }),
    );
  });

  test('overwrites nothing, and names what is left out', () => {
    const { Comment, Changes } = route53ChangeBatch(domain, missing(untold));
    expect(new Set(Changes.map(({ Action }) => Action))).toEqual(new Set(['CREATE']));
    expect(Comment).toContain('left to you: ses-identity');
    expect(Changes).toHaveLength(advised.length - 1);
  });
});

describe('terraform', () => {
  test('is validated by Terraform and reads back as the records', () => {
    const found = readTerraform(terraform(domain, missing(advised)));
    if (found === undefined) return skipped('terraform');
    expect(byName(found.map(single))).toEqual(byName(plain(advised)));
  });

  test('takes every text', () => {
    const odd = fc.sample(anyText, { numRuns: 40, seed: 5 });
    const records = odd.map((record, index) => ({ ...record, id: `text-${index}` }));
    const found = readTerraform(terraform(domain, missing(records)));
    if (found === undefined) return skipped('terraform');
    expect(new Set(found.flatMap(({ values }) => values))).toEqual(
      new Set(odd.map(({ value }) => value)),
    );
  });

  test.each<[string, Change, RegExp | undefined]>([
    ['what is not there', { action: 'create' }, /ttl +\d+.*values +\["new"\].*overwrite +false/],
    [
      'what it joins, and keeps its time to live',
      { action: 'add', present: { type: 'TXT', ttl: 42, values: ['old', 'kept'] }, replaced: [0] },
      /ttl +42.*values +\["kept", "new"\].*overwrite +true/,
    ],
    [
      'what it replaces, and keeps its time to live',
      { action: 'replace', present: { type: 'TXT', ttl: 42, values: ['old'] } },
      /ttl +42.*values +\["new"\].*overwrite +true/,
    ],
    [
      'no set of another type',
      { action: 'replace', present: { type: 'CNAME', ttl: 42, values: ['old'] } },
      undefined,
    ],
  ])('changes %s', (_, change, expected) => {
    const [{ record }] = missing([{ ...advised[0]!, type: 'TXT', value: 'new' }]) as [
      RemainingChange,
    ];
    const text = terraform(domain, [{ record, change }]);
    const set = text.replaceAll('=', '').replaceAll('\n', ' ');
    if (expected === undefined) expect(set).not.toMatch(/overwrite +true|overwrite +false/);
    else expect(set).toMatch(expected);
  });

  test('is formatted as Terraform formats', () => {
    const formatted = spawnSync('terraform', ['fmt', '-no-color', '-'], {
      encoding: 'utf8',
      input: terraform(domain, missing(untold)),
    });
    if (formatted.error !== undefined) return skipped('terraform');
    expect(formatted.stdout).toBe(terraform(domain, missing(untold)));
    expect(formatted.stdout).toContain(
      'ses-identity: _amazonses.example.com TXT is left to you. It is not known yet',
    );
  });
});
