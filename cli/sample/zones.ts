import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { bind } from '#shared/core/records/bind.ts';
import { parseDomainName } from '#shared/core/model/names.ts';
import { isOfMany, MANY_ZONE, type Story } from './cast.ts';
import { LIMIT_MS, type SampleTenant, type Stage } from './stage.ts';

/** Domains as the API shows them, by name. */
export type Documents = ReadonlyMap<string, DomainDocument>;
type Records = DomainDocument['records'];

/** The domains once the values of all their records are known. */
export async function whenPublishable({ api, domains }: SampleTenant): Promise<Documents> {
  for (const deadline = Date.now() + LIMIT_MS; ; await sleep(300)) {
    const found = await api.domains();
    const waiting = found.filter(({ records }) => records.some(({ value }) => value === ''));
    if (found.length >= domains.length && waiting.length === 0) {
      return new Map(found.map((each) => [each.name, each]));
    }
    if (Date.now() > deadline) {
      throw new Error(`the records of ${waiting.length} domains did not come to have values`);
    }
  }
}

/** @throws Error where the tenant has no such domain */
export const documentOf = (documents: Documents, name: string): DomainDocument => {
  const found = documents.get(name);
  if (found === undefined) throw new Error(`${name} is not among the tenant's domains`);
  return found;
};

/** The records of a domain as they are put into the zone at first. */
const recordsFor = ({ records }: DomainDocument, story: Story): Records => {
  if (story === 'untouched' || story === 'self-hosted') return [];
  if (story !== 'misplaced') return records;
  return records.map((record) => {
    // A provider's form appended the zone to the name that was entered in full.
    if (record.purpose === 'dkim') return { ...record, name: `${record.name}.new-brand.example` };
    if (record.id === 'spf') return { ...record, value: 'v=spf1 include:_spf.google.com -al' };
    return record;
  });
};

/** The text of a zone file with these records. */
export const zoneOf = (name: string, records: Records): string =>
  bind(
    parseDomainName(name),
    records.map((record) => ({ record, change: { action: 'create' } })),
  );

/** Puts the records of the tenant's domains into DNS, as far as their stories say. */
export async function writeZones(
  { domains }: SampleTenant,
  documents: Documents,
  { customerDns }: Stage,
): Promise<void> {
  for (const { name, story } of domains.filter((each) => !isOfMany(each))) {
    const records = recordsFor(documentOf(documents, name), story);
    await writeFile(join(customerDns, `${name}.zone`), zoneOf(name, records));
  }
  const many = domains.filter(isOfMany);
  if (many.length === 0) return;
  const records = many.flatMap(({ name, story }) => recordsFor(documentOf(documents, name), story));
  await writeFile(join(customerDns, `${MANY_ZONE}.zone`), zoneOf(MANY_ZONE, records));
}
