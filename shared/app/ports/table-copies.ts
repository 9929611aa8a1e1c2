/** Point-in-time copies of tables. */
export interface TableCopies {
  /**
   * Begins to make a new table as another was at a time; does nothing where the new one is there.
   *
   * @throws CannotRestore
   */
  copy(source: string, target: string, at: Date): Promise<void>;
  /** Returns true once a new table can be used. */
  isReady(table: string): Promise<boolean>;
  /**
   * Gives a new table what a restore leaves out: expiry, stream, its own point-in-time copies and the
   * protection from deletion. May be called again.
   *
   * @returns the ARN of its stream, where it is to have one
   */
  complete(
    table: string,
    settings: { readonly ttl?: string; readonly stream?: string },
  ): Promise<string | undefined>;
}

/** A table cannot be restored to that time; the message says why. */
export class CannotRestore extends Error {
  override readonly name = 'CannotRestore';
}
