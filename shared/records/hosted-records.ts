/** A record set in one of our zones. */
export interface HostedRecord {
  /** Full name, lower case, no trailing dot. */
  readonly name: string;
  readonly type: 'TXT';
  /** Seconds. */
  readonly ttl: number;
  /** The text of each record, whole: splitting and escaping is Route 53's form, made in `txt.ts`. */
  readonly values: readonly string[];
}
