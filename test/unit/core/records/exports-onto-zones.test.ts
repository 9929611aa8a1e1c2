import { describe, expect, test } from 'vitest';
import { bind, cloudflare } from '#shared/core/records/bind.ts';
import { csv } from '#shared/core/records/csv.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { terraform } from '#shared/core/records/terraform.ts';
import { parseZoneFile } from '../../../../local/dns/zone-file.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import {
  checkedRecords,
  customerZones,
  exportedChanges,
  givenCustomer,
  zoneFileOf,
} from '../../../support/customer-zones.ts';
import { DOMAIN } from '../../app/checks/test-environment.ts';
import { accepts, readTerraform, skipped, wholeZone } from './export-tools.ts';

const domain = DOMAIN;
const zones = Object.entries(customerZones);

const keyOf = ({ name, type, value }: DnsRecord): string => `${name} ${type} ${value}`;

const readZone = (text: string): DnsRecord[] =>
  parseZoneFile(text, domain).flatMap((record): DnsRecord[] => {
    const { name, type, ttl } = record;
    if (type === 'TXT') {
      const parts = [record.data].flat().map((part) => Buffer.from(part));
      return [{ name, type, ttl, value: Buffer.concat(parts).toString() }];
    }
    if (type === 'MX') {
      return [{ name, type, ttl, value: `${record.data.preference} ${record.data.exchange}` }];
    }
    return type === 'CNAME' || type === 'A' ? [{ name, type, ttl, value: record.data }] : [];
  });

/** The export after somebody did what its comments say, and the texts that this took away. */
function byHand(text: string): { text: string; gone: string[] } {
  const gone = [...text.matchAll(/^; To take the place of(?: the \w+ record)?: (.*)$/gm)];
  const uncommented = text.replaceAll(
    /((?:^; To take the place of.*\n)+)^; (\S+\. IN .*)$/gm,
    '$1$2',
  );
  return { text: uncommented, gone: gone.map(([, one = '']) => one) };
}

describe.each(zones)('onto a zone with %s', (_name, { records, gone = [], without = [] }) => {
  const given = async () => {
    const customer = await givenCustomer(records);
    return { customer, changes: await exportedChanges(customer) };
  };
  const isKept = ({ value }: DnsRecord): boolean => !gone.includes(value);
  const kept = records.filter(isKept).map(keyOf);

  test.each([
    ['bind', bind],
    ['cloudflare', cloudflare],
  ])('%s is added as it is: the zone loads, nothing is lost', async (_format, format) => {
    const { customer, changes } = await given();
    const text = format(domain, changes);
    const zone = wholeZone(`${text}${zoneFileOf(records)}`);
    const checked = accepts('named-checkzone', zone, '-i', 'none', '-D', '-q', domain, 'FILE');
    if (checked === undefined) return skipped('named-checkzone (bind9-utils)');
    expect(checked.status, checked.said).toBe(0);
    const knot = accepts('kzonecheck', zone, '-o', domain, 'FILE');
    if (knot === undefined) skipped('kzonecheck (knot-dnssecutils)');
    else expect(knot.status, knot.said).toBe(0);
    const loaded = readZone(checked.said);
    const keys = loaded.map(keyOf);
    expect(keys).toEqual(expect.arrayContaining(records.map(keyOf)));
    const after = await checkedRecords(customer, loaded);
    for (const { required, status } of after) if (required) expect(status).toBe('ok');
    expect(loaded.filter(({ value }) => value.startsWith('v=spf1 include:a')).length).toBeLessThan(
      2,
    );
  });

  test('bind, with what its comments say done by hand, has everything verified', async () => {
    const { customer, changes } = await given();
    const done = byHand(bind(domain, changes));
    expect(done.gone.toSorted()).toEqual(gone.toSorted());
    const zone = [...records.filter(isKept), ...readZone(done.text)];
    const after = await checkedRecords(customer, zone);
    expect(after.filter(({ status }) => !status.startsWith('ok'))).toEqual([]);
    expect(await exportedChanges(customer)).toEqual([]);
  });

  test('terraform is valid, and sets only whole record sets', async () => {
    const { customer, changes } = await given();
    const text = terraform(domain, changes);
    const sets = readTerraform(text);
    if (sets === undefined) return skipped('terraform');
    const replacedTypes = changes.filter(
      ({ record, change }) => change.action === 'replace' && change.present.type !== record.type,
    );
    const names = new Set(sets.map(({ name, type }) => `${name} ${type}`));
    const left = records.filter(({ name, type }) => !names.has(`${name} ${type}`));
    const set = sets.flatMap(({ name, type, ttl, values }) =>
      values.map((value) => ({ name, type, ttl, value }) as DnsRecord),
    );
    const zone = [...left, ...set];
    expect(zone.map(keyOf)).toEqual(expect.arrayContaining(kept));
    const after = await checkedRecords(customer, zone);
    expect(after.filter(({ status }) => !status.startsWith('ok')).map(({ id }) => id)).toEqual(
      replacedTypes.map(({ record }) => record.id),
    );
  });

  test('every format has just what remains', async () => {
    const { changes } = await given();
    const ids = changes.map(({ record }) => record.id);
    for (const id of without) expect(ids).not.toContain(id);
    const rows = csv([{ domain, changes }]).trimEnd().split('\r\n');
    expect(rows.slice(1).map((row) => row.split(',')[1])).toEqual(ids);
    for (const format of [bind, cloudflare]) {
      expect([...format(domain, changes).matchAll(/^; ([\w-]+): /gm)].map(([, id]) => id)).toEqual(
        ids.toSorted((a, b) => rank(changes, a) - rank(changes, b)),
      );
    }
    const { Changes } = route53ChangeBatch(domain, changes);
    expect(Changes.filter(({ Action }) => Action !== 'DELETE')).toHaveLength(ids.length);
  });
});

const rank = (changes: Awaited<ReturnType<typeof exportedChanges>>, id: string): number =>
  changes.find(({ record }) => record.id === id)?.record.required ? 0 : 1;
