import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Zone } from '../dns/zone.ts';
import type { Edit, RecordSets, ZoneContents } from './route53-batch.ts';
import { recordsOf } from './route53-values.ts';
import type { RecordSet } from './route53-values.ts';

export interface ZoneInfo {
  readonly id: string;
  /** Canonical. */
  readonly apex: string;
  readonly callerReference: string;
  readonly comment: string;
  /** Canonical host names. */
  readonly nameServers: readonly string[];
  /** The id of its reusable delegation set, where it has one. */
  readonly delegationSet?: string;
}

/** Four name servers that many zones share. */
export interface DelegationSetInfo {
  readonly id: string;
  readonly callerReference: string;
  /** Canonical host names. */
  readonly nameServers: readonly string[];
}

export interface ChangeInfo {
  readonly id: string;
  readonly zoneId: string;
  readonly comment: string;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
  readonly insyncAt: number;
}

/** A zone as the API sees it (`sets`) and as DNS still serves it (`served`). */
export interface StoredZone extends ZoneContents {
  readonly info: ZoneInfo;
  readonly served: Zone;
}

interface PendingChange {
  readonly info: ChangeInfo;
  readonly edits: readonly Edit[];
}

class ZoneState implements StoredZone {
  readonly info: ZoneInfo;
  readonly served: Zone;
  readonly pending: PendingChange[] = [];
  readonly #sets = new Map<string, Map<string, RecordSet>>();
  count = 0;

  constructor(info: ZoneInfo) {
    this.info = info;
    this.served = new Zone(info.apex);
  }

  get id(): string {
    return this.info.id;
  }

  get apex(): string {
    return this.info.apex;
  }

  get sets(): RecordSets {
    return this.#sets;
  }

  edit({ name, type, set }: Edit): void {
    const types = this.#sets.get(name) ?? new Map<string, RecordSet>();
    const present = types.has(type);
    if (set === undefined) types.delete(type);
    else types.set(type, set);
    this.count += (set === undefined ? 0 : 1) - (present ? 1 : 0);
    if (types.size === 0) this.#sets.delete(name);
    else this.#sets.set(name, types);
  }
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS zones (
    id TEXT PRIMARY KEY, apex TEXT NOT NULL, info TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS delegation_sets (id TEXT PRIMARY KEY, info TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS served (
    zone_id TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, record_set TEXT NOT NULL,
    PRIMARY KEY (zone_id, name, type)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS changes (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, zone_id TEXT NOT NULL,
    info TEXT NOT NULL, edits TEXT NOT NULL, insync INTEGER NOT NULL
  ) STRICT;
`;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const newId = (prefix: string): string =>
  prefix + Array.from(randomBytes(20), (byte) => ALPHABET[byte % ALPHABET.length]).join('');

/** Four servers under four top-level domains, as Route 53 gives to each zone. */
function newNameServers(): string[] {
  return ['com', 'net', 'org', 'co.uk'].map((tld, index) => {
    const number = index * 512 + randomInt(512);
    return `ns-${number}.awsdns-${String(number % 64).padStart(2, '0')}.${tld}`;
  });
}

function initialSets({ apex, nameServers }: ZoneInfo): RecordSet[] {
  const soa = `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  return [
    { name: apex, type: 'NS', ttl: 172_800, values: nameServers.map((server) => `${server}.`) },
    { name: apex, type: 'SOA', ttl: 900, values: [soa] },
  ];
}

/**
 * Stores the zones on SQLite, so that nothing acknowledged is lost with the process. It holds what
 * DNS serves; a change waits beside it until its time, and every reader calls `settle` first.
 */
export class Route53Store {
  readonly #database: DatabaseSync;
  readonly #zones = new Map<string, ZoneState>();
  readonly #changes = new Map<string, ChangeInfo>();
  readonly #nameServers = new Set<string>();
  readonly #delegationSets: DelegationSetInfo[] = [];

  constructor(stateDir: string) {
    mkdirSync(stateDir, { recursive: true });
    this.#database = new DatabaseSync(join(stateDir, 'route53.sqlite'));
    this.#database.exec(SCHEMA);
    this.#load();
  }

  get zones(): readonly StoredZone[] {
    return [...this.#zones.values()];
  }

  zone(id: string): StoredZone | undefined {
    return this.#zones.get(id);
  }

  change(id: string): ChangeInfo | undefined {
    return this.#changes.get(id);
  }

  isNameServer(name: string): boolean {
    return this.#nameServers.has(name);
  }

  get delegationSets(): readonly DelegationSetInfo[] {
    return this.#delegationSets;
  }

  createDelegationSet(callerReference: string): DelegationSetInfo {
    const info = { id: newId('N'), callerReference, nameServers: newNameServers() };
    this.#database
      .prepare('INSERT INTO delegation_sets (id, info) VALUES (?, ?)')
      .run(info.id, JSON.stringify(info));
    this.#adoptSet(info);
    return info;
  }

  /** @param set whose name servers the zone has; absent: some of its own */
  createZone(
    apex: string,
    callerReference: string,
    comment: string,
    set?: DelegationSetInfo,
  ): StoredZone {
    const nameServers = set?.nameServers ?? newNameServers();
    const info: ZoneInfo = {
      id: newId('Z'),
      apex,
      callerReference,
      comment,
      nameServers,
      ...(set === undefined ? {} : { delegationSet: set.id }),
    };
    const zone = new ZoneState(info);
    this.#transaction(() => {
      this.#database
        .prepare('INSERT INTO zones (id, apex, info) VALUES (?, ?, ?)')
        .run(info.id, apex, JSON.stringify(info));
      for (const set of initialSets(info)) {
        this.#serve(zone, { name: set.name, type: set.type, set });
        zone.edit({ name: set.name, type: set.type, set });
      }
    });
    this.#adopt(zone);
    return zone;
  }

  /** Deletes a zone with its records, those that are not in DNS yet among them. */
  deleteZone(id: string): void {
    this.#transaction(() => {
      for (const table of ['served', 'changes']) {
        this.#database.prepare(`DELETE FROM ${table} WHERE zone_id = ?`).run(id);
      }
      this.#database.prepare('DELETE FROM zones WHERE id = ?').run(id);
    });
    this.#zones.delete(id);
  }

  /** Notes accepted edits. The API shows them at once, DNS from `insyncAt` on. */
  accept(
    zoneId: string,
    edits: readonly Edit[],
    change: { readonly comment: string; readonly submittedAt: number; readonly insyncAt: number },
  ): ChangeInfo {
    const zone = this.#zones.get(zoneId);
    if (zone === undefined) throw new Error(`no zone ${zoneId}`);
    // Changes of a zone come into DNS in their order, even where the delay was made shorter.
    const last = zone.pending.at(-1)?.info.insyncAt ?? 0;
    const insyncAt = Math.max(change.insyncAt, last);
    const info: ChangeInfo = { ...change, id: newId('C'), zoneId, insyncAt };
    this.#database
      .prepare('INSERT INTO changes (id, zone_id, info, edits, insync) VALUES (?, ?, ?, ?, 0)')
      .run(info.id, zoneId, JSON.stringify(info), JSON.stringify(edits));
    for (const edit of edits) zone.edit(edit);
    zone.pending.push({ info, edits });
    this.#changes.set(info.id, info);
    return info;
  }

  /** Brings into DNS every change whose time has come. */
  settle(now: number): void {
    for (const zone of this.#zones.values()) {
      while ((zone.pending[0]?.info.insyncAt ?? Infinity) <= now) {
        const change = zone.pending[0];
        if (change === undefined) break;
        this.#transaction(() => {
          for (const edit of change.edits) this.#serve(zone, edit);
          this.#database.prepare('UPDATE changes SET insync = 1 WHERE id = ?').run(change.info.id);
        });
        zone.pending.shift();
      }
    }
  }

  close(): void {
    this.#database.close();
  }

  #serve(zone: ZoneState, { name, type, set }: Edit): void {
    if (set === undefined) {
      this.#database
        .prepare('DELETE FROM served WHERE zone_id = ? AND name = ? AND type = ?')
        .run(zone.id, name, type);
    } else {
      this.#database
        .prepare(
          'INSERT OR REPLACE INTO served (zone_id, name, type, record_set) VALUES (?, ?, ?, ?)',
        )
        .run(zone.id, name, type, JSON.stringify(set));
    }
    zone.served.set(name, type, set === undefined ? [] : recordsOf(set));
  }

  #adopt(zone: ZoneState): void {
    this.#zones.set(zone.id, zone);
    for (const server of zone.info.nameServers) this.#nameServers.add(server);
  }

  #adoptSet(info: DelegationSetInfo): void {
    this.#delegationSets.push(info);
    for (const server of info.nameServers) this.#nameServers.add(server);
  }

  #load(): void {
    for (const row of this.#database
      .prepare('SELECT info FROM delegation_sets ORDER BY rowid')
      .all()) {
      this.#adoptSet(JSON.parse(String(row['info'])) as DelegationSetInfo);
    }
    for (const row of this.#database.prepare('SELECT info FROM zones ORDER BY rowid').all()) {
      this.#adopt(new ZoneState(JSON.parse(String(row['info'])) as ZoneInfo));
    }
    for (const row of this.#database.prepare('SELECT zone_id, record_set FROM served').iterate()) {
      const set = JSON.parse(String(row['record_set'])) as RecordSet;
      const zone = this.#zones.get(String(row['zone_id']));
      zone?.edit({ name: set.name, type: set.type, set });
      zone?.served.set(set.name, set.type, recordsOf(set));
    }
    const changes = this.#database.prepare(
      'SELECT info, edits, insync FROM changes ORDER BY sequence',
    );
    for (const row of changes.iterate()) {
      const info = JSON.parse(String(row['info'])) as ChangeInfo;
      this.#changes.set(info.id, info);
      const zone = this.#zones.get(info.zoneId);
      if (row['insync'] === 1 || zone === undefined) continue;
      const edits = JSON.parse(String(row['edits'])) as Edit[];
      for (const edit of edits) zone.edit(edit);
      zone.pending.push({ info, edits });
    }
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
