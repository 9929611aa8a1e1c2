import type { Resolver } from 'node:dns/promises';
import { describe, expect, test } from 'vitest';
import { bind } from '#shared/core/records/bind.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';
import {
  checkedRecords,
  customerZones,
  exportedChanges,
  givenCustomer,
  zoneFileOf,
} from '../../support/customer-zones.ts';
import { DOMAIN } from '../../unit/app/checks/test-environment.ts';
import { skipped, wholeZone } from '../../unit/core/records/export-tools.ts';
import { namedIsInstalled, startNamed } from './named.ts';

const installed = namedIsInstalled();
if (!installed) skipped('named (bind9)');

const keyOf = ({ name, type, value }: Pick<DnsRecord, 'name' | 'type' | 'value'>): string =>
  `${name} ${type} ${value}`;

/** The records of a type at a name, as a server answers. */
async function answersOf(
  resolver: Resolver,
  { name, type }: Pick<DnsRecord, 'name' | 'type'>,
): Promise<DnsRecord[]> {
  const values: Record<string, () => Promise<string[]>> = {
    A: () => resolver.resolve4(name),
    CNAME: () => resolver.resolveCname(name),
    MX: async () =>
      (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`),
    // Node reads each octet as a character.
    TXT: async () =>
      (await resolver.resolveTxt(name)).map((strings) =>
        Buffer.from(strings.join(''), 'latin1').toString(),
      ),
  };
  return (await values[type]!()).map((value) => ({ name, type, value }));
}

describe.skipIf(!installed)('BIND, with the export added to a zone', () => {
  test.each(Object.entries(customerZones))(
    'with %s: loads it, answers with all of both, and what it answers is verified',
    async (_name, { records }) => {
      const customer = await givenCustomer(records);
      const changes = await exportedChanges(customer);
      const text = bind(DOMAIN, changes);
      const named = await startNamed({
        [DOMAIN]: wholeZone(`${text}${zoneFileOf(records)}`),
      });
      try {
        const added = [...text.matchAll(/^(\S+)\. (?:\d+ )?IN (\w+) /gm)].map(([, name, type]) => ({
          name: name!,
          type: type as DnsRecord['type'],
        }));
        expect(added.length).toBeGreaterThan(0);
        const sets = new Map(
          [...records, ...added].map((each) => [`${each.name} ${each.type}`, each]),
        );
        const answered = (
          await Promise.all([...sets.values()].map((set) => answersOf(named.resolver, set)))
        ).flat();
        expect(answered.map(keyOf)).toEqual(expect.arrayContaining(records.map(keyOf)));
        const after = await checkedRecords(customer, answered);
        for (const { required, status, id } of after)
          if (required) expect([id, status]).toEqual([id, 'ok']);
      } finally {
        await named.stop();
      }
    },
  );

  test('without what the export leaves to be done by hand it would not have loaded', async () => {
    const cname = `_dmarc.${DOMAIN}. 60 IN CNAME _dmarc.example.net.\n`;
    const txt = `_dmarc.${DOMAIN}. 60 IN TXT "v=DMARC1; p=none"\n`;
    await expect(startNamed({ [DOMAIN]: wholeZone(`${txt}${cname}`) })).rejects.toThrow(
      'CNAME and other data',
    );
  });
});
