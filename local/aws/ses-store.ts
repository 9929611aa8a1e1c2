import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SesEvent } from './ses-events.ts';

export type IdentityStatus = 'Pending' | 'Success' | 'Failed';

export interface Identity {
  readonly domain: string;
  readonly token: string;
  readonly status: IdentityStatus;
  /** Milliseconds since 1970. */
  readonly requestedAt: number;
  readonly mailFrom?: MailFrom;
}

export interface MailFrom {
  readonly domain: string;
  readonly onMxFailure: 'UseDefaultValue' | 'RejectMessage';
}

/** The journal's record of an accepted message. */
export interface SendRecord {
  readonly messageId: string;
  readonly at: number;
  readonly source: string;
  readonly destinations: readonly string[];
  readonly configurationSet?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface JournalEvent {
  readonly sequence: number;
  readonly dueAt: number;
  readonly configurationSet: string;
  readonly event: SesEvent;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS identities (domain TEXT PRIMARY KEY, identity TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sends (
    message_id TEXT PRIMARY KEY, at INTEGER NOT NULL, recipients INTEGER NOT NULL, record TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY, due_at INTEGER NOT NULL, configuration_set TEXT NOT NULL, event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_time ON events (due_at, sequence);
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;

const DAY_MS = 86_400_000;

/** Identities, accepted messages and the events still to be published, on SQLite so that none is lost with the process. */
export class SesStore {
  readonly #database: DatabaseSync;

  constructor(stateDir: string) {
    mkdirSync(stateDir, { recursive: true });
    this.#database = new DatabaseSync(join(stateDir, 'ses.sqlite'));
    this.#database.exec(SCHEMA);
  }

  identities(): Identity[] {
    const rows = this.#database.prepare('SELECT identity FROM identities ORDER BY domain').all();
    return rows.map((row) => JSON.parse(String(row['identity'])) as Identity);
  }

  identity(domain: string): Identity | undefined {
    const row = this.#database
      .prepare('SELECT identity FROM identities WHERE domain = ?')
      .get(domain);
    return row && (JSON.parse(String(row['identity'])) as Identity);
  }

  putIdentity(identity: Identity): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO identities (domain, identity) VALUES (?, ?)')
      .run(identity.domain, JSON.stringify(identity));
  }

  deleteIdentity(domain: string): void {
    this.#database.prepare('DELETE FROM identities WHERE domain = ?').run(domain);
  }

  /** Notes a message and its events in one step: from here on it is accepted. */
  accept(record: SendRecord, events: readonly { dueAt: number; event: SesEvent }[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#database
        .prepare('INSERT INTO sends (message_id, at, recipients, record) VALUES (?, ?, ?, ?)')
        .run(record.messageId, record.at, record.destinations.length, JSON.stringify(record));
      const insert = this.#database.prepare(
        'INSERT INTO events (due_at, configuration_set, event) VALUES (?, ?, ?)',
      );
      const { configurationSet } = record;
      for (const { dueAt, event } of configurationSet === undefined ? [] : events) {
        insert.run(dueAt, configurationSet ?? '', JSON.stringify(event));
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  isAccepted(messageId: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM sends WHERE message_id = ?').get(messageId) !==
      undefined
    );
  }

  sends(): SendRecord[] {
    const rows = this.#database.prepare('SELECT record FROM sends ORDER BY at, message_id').all();
    return rows.map((row) => JSON.parse(String(row['record'])) as SendRecord);
  }

  /** Recipients in the last 24 hours. */
  sentSince(now: number): number {
    const row = this.#database
      .prepare('SELECT coalesce(sum(recipients), 0) AS total FROM sends WHERE at > ?')
      .get(now - DAY_MS);
    return Number(row?.['total']);
  }

  nextEvent(): JournalEvent | undefined {
    const row = this.#database
      .prepare('SELECT * FROM events ORDER BY due_at, sequence LIMIT 1')
      .get();
    return (
      row && {
        sequence: Number(row['sequence']),
        dueAt: Number(row['due_at']),
        configurationSet: String(row['configuration_set']),
        event: JSON.parse(String(row['event'])) as SesEvent,
      }
    );
  }

  deleteEvent(sequence: number): void {
    this.#database.prepare('DELETE FROM events WHERE sequence = ?').run(sequence);
  }

  /** The key of SES's own signatures, made at the first start. */
  signingKey(): { readonly privateKey: KeyObject; readonly publicKey: Buffer } {
    const stored = this.#database
      .prepare("SELECT value FROM settings WHERE name = 'signing key'")
      .get();
    const pem = stored === undefined ? this.#makeSigningKey() : String(stored['value']);
    const privateKey = createPrivateKey(pem);
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    return { privateKey, publicKey };
  }

  close(): void {
    this.#database.close();
  }

  #makeSigningKey(): string {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#database.prepare("INSERT INTO settings (name, value) VALUES ('signing key', ?)").run(pem);
    return pem;
  }
}
