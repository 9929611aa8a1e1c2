/** Reads what a deployment meets in an account. Each call may throw, such as where a right is missing. */
export interface Account {
  /** Lambda: calls at once of the account's functions in the region, in all. */
  concurrency(): Promise<number>;
  /** Returns true if the account has this Lambda function. */
  hasFunction(name: string): Promise<boolean>;
  sending(): Promise<Sending>;
  /** The domains and addresses that SES knows as identities in the region. */
  identities(): Promise<readonly string[]>;
  /** The name of the receipt rule set that SES applies; undefined where none is active. */
  activeRuleSet(): Promise<string | undefined>;
  /** The public hosted zones of these names. */
  zones(names: readonly string[]): Promise<readonly FoundZone[]>;
  /** How many hosted zones the account may have, and how many it has. */
  zoneQuota(): Promise<{ readonly limit: number; readonly used: number }>;
  /** The names of tables that begin so and go on. */
  tables(prefix: string): Promise<readonly string[]>;
  /** Returns true if KMS has a key of this alias. */
  hasKey(alias: string): Promise<boolean>;
  /** The name servers that DNS gives for a zone; empty where it is not delegated. */
  delegation(zone: string): Promise<readonly string[]>;
}

/** The account at SES, in the region. */
export interface Sending {
  /** False in the sandbox, which sends to verified addresses only. */
  readonly production: boolean;
  /** False where AWS has stopped the account's sending. */
  readonly enabled: boolean;
  /** Recipients. */
  readonly perSecond: number;
  /** Recipients. */
  readonly perDay: number;
}

export interface FoundZone {
  readonly name: string;
  readonly id: string;
  readonly nameServers: readonly string[];
}
