/** What the verifiers are asked about each message. */
export interface Question {
  /** The signing domain whose signature is verified; others are passed over. */
  readonly domain: string;
  /** The key records by name. */
  readonly keys: Readonly<Record<string, string>>;
  /** Seconds since 1970-01-01 UTC, as of which is verified. */
  readonly time: number;
}
