import type { DatabaseSync } from 'node:sqlite';

/**
 * Puts what is written in one turn of the event loop into one transaction, so that many writes wait
 * for the disk together. Once a commit has failed every later write fails.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  #open: PromiseWithResolvers<void> | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** To be called before each write. */
  begin(): void {
    if (this.#open !== undefined) return;
    this.#database.exec('BEGIN IMMEDIATE');
    this.#open = Promise.withResolvers();
    // A failure is for those who wait for the commit, if any.
    this.#open.promise.catch(() => {});
    setImmediate(() => {
      try {
        this.flush();
      } catch {
        // Settles the promises of those who wait for the commit.
      }
    });
  }

  /** Resolves when all that was written until now is on disk; at once where it is. */
  async committed(): Promise<void> {
    await this.#open?.promise;
  }

  /** Commits what is open. @throws Error where that fails */
  flush(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    try {
      this.#database.exec('COMMIT');
      open.resolve();
    } catch (error) {
      open.reject(error);
      throw error;
    }
  }
}
