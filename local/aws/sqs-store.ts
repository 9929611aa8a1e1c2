import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { GroupCommit } from './group-commit.ts';
import { DEDUPLICATION_MS } from './sqs-deduplication.ts';
import type { FirstSend } from './sqs-deduplication.ts';
import type { Message } from './sqs-message.ts';
import type { MoveTask } from './sqs-moves.ts';
import type { QueueRecord, QueuesListener } from './sqs-queue-record.ts';

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, queue TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS messages (
    sequence INTEGER PRIMARY KEY, queue TEXT NOT NULL, sent_at INTEGER NOT NULL, message TEXT NOT NULL,
    visible_at INTEGER NOT NULL, receive_count INTEGER NOT NULL, first_received_at INTEGER, receipt TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_queue ON messages (queue, sequence);
  CREATE TABLE IF NOT EXISTS deduplications (
    queue TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, send TEXT NOT NULL,
    PRIMARY KEY (queue, key)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deduplications_by_time ON deduplications (queue, at);
  CREATE TABLE IF NOT EXISTS move_tasks (handle TEXT PRIMARY KEY, task TEXT NOT NULL) STRICT;
`;

type Kept = Omit<Message, 'state'>;
/** The part of a message that is constant while it is in its queue. */
type Fixed = Pick<
  Message,
  'id' | 'body' | 'attributes' | 'groupId' | 'deduplicationId' | 'deadLetterSource'
>;

/** Queues and messages on SQLite. What was written in one turn of the event loop is committed together. */
export class SqsStore implements Omit<QueuesListener, 'available'> {
  readonly #database: DatabaseSync;
  readonly #commit: GroupCommit;
  readonly #statements: Record<
    'insert' | 'update' | 'delete' | 'deduplicate' | 'forget',
    StatementSync
  >;

  constructor(stateDir: string) {
    mkdirSync(stateDir, { recursive: true });
    this.#database = new DatabaseSync(join(stateDir, 'sqs.sqlite'));
    this.#database.exec(SCHEMA);
    this.#commit = new GroupCommit(this.#database);
    const prepare = (sql: string): StatementSync => this.#database.prepare(sql);
    this.#statements = {
      insert: prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
      update: prepare(
        'UPDATE messages SET visible_at = ?, receive_count = ?, first_received_at = ?, receipt = ? WHERE sequence = ?',
      ),
      delete: prepare('DELETE FROM messages WHERE sequence = ?'),
      deduplicate: prepare('INSERT OR REPLACE INTO deduplications VALUES (?, ?, ?, ?)'),
      forget: prepare('DELETE FROM deduplications WHERE queue = ? AND at <= ?'),
    };
  }

  /** Resolves when all that was written until now is on disk. */
  committed(): Promise<void> {
    return this.#commit.committed();
  }

  queues(): QueueRecord[] {
    const rows = this.#database.prepare('SELECT queue FROM queues').all();
    return rows.map(({ queue }) => JSON.parse(String(queue)) as QueueRecord);
  }

  /** In their order. */
  messages(queue: string): Kept[] {
    const rows = this.#database
      .prepare('SELECT * FROM messages WHERE queue = ? ORDER BY sequence')
      .all(queue);
    return rows.map((row) => ({
      ...(JSON.parse(String(row['message'])) as Fixed),
      sequence: Number(row['sequence']),
      sentAt: Number(row['sent_at']),
      visibleAt: Number(row['visible_at']),
      receiveCount: Number(row['receive_count']),
      firstReceivedAt: (row['first_received_at'] ?? undefined) as number | undefined,
      receipt: (row['receipt'] ?? undefined) as string | undefined,
    }));
  }

  /** Oldest first. */
  deduplications(queue: string): [key: string, send: FirstSend][] {
    const rows = this.#database
      .prepare('SELECT key, send FROM deduplications WHERE queue = ? ORDER BY at')
      .all(queue);
    return rows.map(({ key, send }) => [String(key), JSON.parse(String(send)) as FirstSend]);
  }

  moveTasks(): MoveTask[] {
    const rows = this.#database.prepare('SELECT task FROM move_tasks').all();
    return rows.map(({ task }) => JSON.parse(String(task)) as MoveTask);
  }

  lastSequence(): number {
    const row = this.#database.prepare('SELECT max(sequence) AS last FROM messages').get();
    return Number(row?.['last'] ?? 0);
  }

  kept(queue: QueueRecord): void {
    this.#run('INSERT OR REPLACE INTO queues VALUES (?, ?)', queue.name, JSON.stringify(queue));
  }

  deleted(queue: string): void {
    this.#run('DELETE FROM queues WHERE name = ?', queue);
    this.#run('DELETE FROM messages WHERE queue = ?', queue);
    this.#run('DELETE FROM deduplications WHERE queue = ?', queue);
  }

  added(queue: string, message: Kept): void {
    const { id, body, attributes, groupId, deduplicationId, deadLetterSource } = message;
    const fixed: Fixed = { id, body, attributes, groupId, deduplicationId, deadLetterSource };
    this.#commit.begin();
    this.#statements.insert.run(
      message.sequence,
      queue,
      message.sentAt,
      JSON.stringify(fixed),
      ...delivery(message),
    );
  }

  delivered(message: Message): void {
    this.#commit.begin();
    this.#statements.update.run(...delivery(message), message.sequence);
  }

  removed({ sequence }: Message): void {
    this.#commit.begin();
    this.#statements.delete.run(sequence);
  }

  deduplicated(queue: string, key: string, send: FirstSend): void {
    this.#commit.begin();
    this.#statements.forget.run(queue, send.at - DEDUPLICATION_MS);
    this.#statements.deduplicate.run(queue, key, send.at, JSON.stringify(send));
  }

  moveTaskKept(task: MoveTask): void {
    this.#run('INSERT OR REPLACE INTO move_tasks VALUES (?, ?)', task.handle, JSON.stringify(task));
  }

  /** Commits what is written at once. @throws Error where that fails */
  flush(): void {
    this.#commit.flush();
  }

  close(): void {
    this.#commit.flush();
    this.#database.close();
  }

  #run(sql: string, ...values: string[]): void {
    this.#commit.begin();
    this.#database.prepare(sql).run(...values);
  }
}

const delivery = ({
  visibleAt,
  receiveCount,
  firstReceivedAt = null,
  receipt = null,
}: Pick<Message, 'visibleAt' | 'receiveCount'> & {
  firstReceivedAt?: number | null | undefined;
  receipt?: string | null | undefined;
}) => [visibleAt, receiveCount, firstReceivedAt, receipt] as const;
