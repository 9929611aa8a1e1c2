import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLOutputValue } from 'node:sqlite';
import type { Uploaded } from './s3-upload.ts';

/** An object without its content. */
export interface StoredObject extends Uploaded {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** The metadata of its response: its type, the user's metadata. */
  readonly headers: Readonly<Record<string, string>>;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL, headers TEXT NOT NULL, checksums TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
  ) STRICT;
`;
type Row = Record<string, SQLOutputValue>;

/** Objects as files in `s3/objects`, named at random, and what they are in `s3/index.sqlite`. */
export class S3Store {
  readonly #objects: string;
  readonly #database: DatabaseSync;

  constructor(stateDir: string) {
    this.#objects = join(stateDir, 's3', 'objects');
    mkdirSync(this.#objects, { recursive: true });
    this.#database = new DatabaseSync(join(stateDir, 's3', 'index.sqlite'));
    this.#database.exec(SCHEMA);
    this.#removeOrphans();
  }

  buckets(): { readonly name: string; readonly createdAt: number }[] {
    const rows = this.#database.prepare('SELECT * FROM buckets ORDER BY name').all();
    return rows.map((row) => ({ name: String(row['name']), createdAt: Number(row['created_at']) }));
  }

  hasBucket(name: string): boolean {
    return this.#database.prepare('SELECT 1 FROM buckets WHERE name = ?').get(name) !== undefined;
  }

  putBucket(name: string, createdAt: number): void {
    this.#database.prepare('INSERT INTO buckets VALUES (?, ?)').run(name, createdAt);
  }

  deleteBucket(name: string): void {
    this.#database.prepare('DELETE FROM buckets WHERE name = ?').run(name);
  }

  /** Returns a path for a new file, before `put` makes it an object. */
  newFile(): { readonly file: string; readonly path: string } {
    const file = randomUUID();
    return { file, path: join(this.#objects, file) };
  }

  /** Removes a file that did not become an object. */
  async dropFile(file: string): Promise<void> {
    await rm(join(this.#objects, file), { force: true });
  }

  /** Makes a file an object, instead of the one that was there. */
  async put(bucket: string, object: StoredObject, file: string): Promise<void> {
    const before = this.#row(bucket, object.key);
    this.insert(bucket, object, file);
    if (before !== undefined) await this.#removeFile(before);
  }

  insert(bucket: string, object: StoredObject, file: string): void {
    const { key, size, etag, modifiedAt, headers, checksums } = object;
    this.#database
      .prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        bucket,
        key,
        file,
        size,
        etag,
        modifiedAt,
        JSON.stringify(headers),
        JSON.stringify(checksums),
      );
  }

  get(bucket: string, key: string): StoredObject | undefined {
    const row = this.#row(bucket, key);
    return row && objectOf(row);
  }

  /** The content of an object that is there; it can be read to its end though it is deleted meanwhile. */
  async open(bucket: string, key: string): Promise<FileHandle> {
    return open(join(this.#objects, String(this.#row(bucket, key)?.['file'])), 'r');
  }

  async delete(bucket: string, key: string): Promise<void> {
    const row = this.#row(bucket, key);
    if (row === undefined) return;
    this.#database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?').run(bucket, key);
    await this.#removeFile(row);
  }

  /** Objects in the order of their keys, as octets in UTF-8. */
  *list(bucket: string, prefix: string, after: string): Iterable<StoredObject> {
    const rows = this.#database
      .prepare('SELECT * FROM objects WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key')
      .iterate(bucket, prefix, after);
    for (const row of rows) {
      if (!String(row['key']).startsWith(prefix)) return;
      yield objectOf(row);
    }
  }

  /** Does many changes in one transaction. */
  transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #row(bucket: string, key: string): Row | undefined {
    return this.#database
      .prepare('SELECT * FROM objects WHERE bucket = ? AND key = ?')
      .get(bucket, key);
  }

  async #removeFile(row: Row): Promise<void> {
    await rm(join(this.#objects, String(row['file'])), { force: true });
  }

  /** Removes what a run that died has written and not made an object, or not removed yet. */
  #removeOrphans(): void {
    const rows = this.#database.prepare('SELECT file FROM objects').all();
    const known = new Set(rows.map(({ file }) => file));
    for (const file of readdirSync(this.#objects)) {
      if (!known.has(file)) rmSync(join(this.#objects, file));
    }
  }
}

const objectOf = (row: Row): StoredObject => ({
  key: String(row['key']),
  size: Number(row['size']),
  etag: String(row['etag']),
  modifiedAt: Number(row['modified_at']),
  headers: JSON.parse(String(row['headers'])) as Record<string, string>,
  checksums: JSON.parse(String(row['checksums'])) as Record<string, string>,
});
