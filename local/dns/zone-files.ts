import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Zone } from './zone.ts';
import { parseZoneFile } from './zone-file.ts';
import type { ServedZone, ZoneSource } from './resolution.ts';
import type { ZoneRecord } from './records.ts';

/** The name server that a zone file without NS records is given. */
const NAME_SERVER = 'ns1.customer-dns.local';

interface Loaded {
  readonly version: string;
  readonly zone: ServedZone;
}

/** Adds SOA and NS to a file that has only the records the customer was asked to add. */
function completed(apex: string, records: readonly ZoneRecord[], serial: number): ZoneRecord[] {
  const added: ZoneRecord[] = [];
  const has = (type: string): boolean =>
    records.some((record) => record.name === apex && record.type === type);
  if (!has('NS')) added.push({ name: apex, type: 'NS', ttl: 3600, data: NAME_SERVER });
  if (!has('SOA')) {
    const rname = `hostmaster.${apex}`;
    const timers = { refresh: 7200, retry: 900, expire: 1_209_600, minimum: 60 };
    added.push({
      name: apex,
      type: 'SOA',
      ttl: 60,
      data: { mname: NAME_SERVER, rname, serial, ...timers },
    });
  }
  return [...added, ...records];
}

/**
 * The customers' own DNS: a folder of `<domain>.zone` files, each read again as soon as it changes.
 * A file that does not parse is reported once through `log` and its zone answers SERVFAIL.
 */
export function zoneFiles(directory: string, log: (message: string) => void): ZoneSource {
  mkdirSync(directory, { recursive: true });
  const loaded = new Map<string, Loaded>();
  const nameServers = new Set([NAME_SERVER]);

  const load = (apex: string, path: string, serial: number): ServedZone => {
    try {
      const records = completed(apex, parseZoneFile(readFileSync(path, 'latin1'), apex), serial);
      for (const record of records) if (record.type === 'NS') nameServers.add(record.data);
      return { state: 'served', zone: new Zone(apex, records), delegation: 'implied' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log(`zone file ${path} is not served: ${reason}`);
      return { state: 'broken', apex };
    }
  };

  return {
    at(apex) {
      // Only host-like names reach the file system, so that no question can name a path.
      if (!/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(apex)) return [];
      const path = join(directory, `${apex}.zone`);
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
      if (stat === undefined || !stat.isFile()) {
        loaded.delete(apex);
        return [];
      }
      const version = `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
      const known = loaded.get(apex);
      if (known?.version === version) return [known.zone];
      const zone = load(apex, path, Number(stat.mtimeMs / 1000n) % 0xff_ff_ff_ff);
      loaded.set(apex, { version, zone });
      return [zone];
    },
    isNameServer: (name) => nameServers.has(name),
  };
}
