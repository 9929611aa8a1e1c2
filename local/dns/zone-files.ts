import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Zone } from './zone.ts';
import { parseZoneFile } from './zone-file.ts';
import { DNS_ADDRESS, type ServedZone, type ZoneSource } from './resolution.ts';
import type { ZoneRecord } from './records.ts';

/** The name servers of customers, one for each address that DNS is served at. */
const nameServer = (index: number): string => `ns${index + 1}.customer-dns.local`;
const INDEX = /^ns([1-9])\.customer-dns\.local$/;

/** A zone file without NS records is given so many servers, as most zones have. */
const USUAL_SERVERS = 2;

/** The line of a zone file that makes the domain's name servers answer nothing. */
const SILENT = /^\$SILENT[ \t]*$/m;

interface Loaded {
  readonly version: string;
  readonly zone: ServedZone;
}

/** Adds SOA and NS to a file that has only the records the customer was asked to add. */
function completed(
  apex: string,
  records: readonly ZoneRecord[],
  serial: number,
  servers: number,
): ZoneRecord[] {
  const added: ZoneRecord[] = [];
  const has = (type: string): boolean =>
    records.some((record) => record.name === apex && record.type === type);
  if (!has('NS')) {
    for (let index = 0; index < servers; index += 1) {
      added.push({ name: apex, type: 'NS', ttl: 3600, data: nameServer(index) });
    }
  }
  if (!has('SOA')) {
    const rname = `hostmaster.${apex}`;
    const timers = { refresh: 7200, retry: 900, expire: 1_209_600, minimum: 60 };
    added.push({
      name: apex,
      type: 'SOA',
      ttl: 60,
      data: { mname: nameServer(0), rname, serial, ...timers },
    });
  }
  return [...added, ...records];
}

/**
 * The customers' own DNS: a folder of `<domain>.zone` files, each read again as soon as it changes.
 * A file that does not parse is reported once through `log` and its zone answers SERVFAIL.
 * That of a file with the line `$SILENT` gives no answer.
 *
 * @param addresses returns those that DNS is served at, of `ns1.customer-dns.local` and so on; any
 *   other name server of a zone file without an address is at the first
 */
export function zoneFiles(
  directory: string,
  log: (message: string) => void,
  addresses: () => readonly [string, ...string[]] = () => [DNS_ADDRESS],
): ZoneSource {
  mkdirSync(directory, { recursive: true });
  const loaded = new Map<string, Loaded>();
  const nameServers = new Set([nameServer(0)]);

  const load = (apex: string, path: string, serial: number): ServedZone => {
    try {
      const text = readFileSync(path, 'latin1');
      const given = parseZoneFile(text.replace(SILENT, ''), apex);
      const servers = Math.min(USUAL_SERVERS, addresses().length);
      const records = completed(apex, given, serial, servers);
      for (const record of records) if (record.type === 'NS') nameServers.add(record.data);
      if (SILENT.test(text)) {
        const own = ({ name, type }: ZoneRecord): boolean => name === apex && type === 'NS';
        return { state: 'silent', apex, nameServers: records.filter(own) };
      }
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
    serverAddress(name) {
      const all = addresses();
      const index = INDEX.exec(name)?.[1];
      if (index !== undefined) return all[Number(index) - 1];
      return nameServers.has(name) ? all[0] : undefined;
    },
  };
}

/**
 * The customers' DNS as one of its servers has it: zone files of its own folder in place of the
 * others', as a secondary that lags behind still has an earlier zone.
 */
export const zoneFilesOf = (own: ZoneSource, all: ZoneSource): ZoneSource => ({
  at(apex) {
    const zones = own.at(apex);
    return zones.length > 0 ? zones : all.at(apex);
  },
  serverAddress: (name) => all.serverAddress(name),
});
