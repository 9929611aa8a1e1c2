/** What a deployment will make and need, as far as an account can be in its way. */
export interface Plan {
  readonly name: string;
  readonly region: string;
  readonly zone: string;
  /** The hosted zones, that of `zone` among them. */
  readonly zones: readonly string[];
  /** A function that is there exactly while the service is deployed. */
  readonly function: string;
  /** The names of all tables begin so, and end in one of these. */
  readonly tables: { readonly prefix: string; readonly names: readonly string[] };
  readonly wrappingKeyAlias: string;
  /** The identity and rule set of the inbound; absent where the region receives no mail. */
  readonly inbound?: { readonly identity: string; readonly ruleSet: string };
  /** Calls at once that functions need at their busiest. */
  readonly concurrency: number;
  /** Calls at once that Lambda keeps for single functions. */
  readonly keptConcurrency: number;
  readonly identities: { readonly quota: number; readonly alarmPercent: number };
}
