/** The usage that AWS bills; throttled calls count too. */
export class Bill {
  readonly counts = new Map<string, number>();

  add(what: Counted, count = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  of(what: Counted): number {
    return this.counts.get(what) ?? 0;
  }

  dollars(): number {
    return [...this.counts].reduce(
      (sum, [what, count]) => sum + count * (prices[what as Counted] ?? 0),
      0,
    );
  }
}

export const counted = [
  'KMS key pairs',
  'KMS throttled',
  'Route 53 changes',
  'Route 53 ChangeResourceRecordSets',
  'Route 53 GetChange',
  'Route 53 throttled',
  'DynamoDB calls',
  'DynamoDB read units',
  'DynamoDB write units',
  'SQS requests',
  'DNS queries',
  'Lambda invocations',
  'Lambda GB-seconds',
] as const;

export type Counted = (typeof counted)[number];

/**
 * List prices in dollars, us-east-1, to which other regions come close: KMS $12 per 10,000 pairs;
 * DynamoDB on demand, Lambda on arm64, SQS. Route 53 does not bill changes.
 */
const prices: Partial<Record<Counted, number>> = {
  'KMS key pairs': 12 / 10_000,
  'DynamoDB read units': 0.125 / 1_000_000,
  'DynamoDB write units': 0.625 / 1_000_000,
  'SQS requests': 0.4 / 1_000_000,
  'Lambda invocations': 0.2 / 1_000_000,
  'Lambda GB-seconds': 0.000_013_333_4,
};
