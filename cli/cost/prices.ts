/** A list price of AWS in us-east-1 as known in November 2026, from memory, without free tiers. */
export interface Price {
  readonly dollars: number;
  /** Units that it is for. */
  readonly per: number;
  readonly source: string;
}

const price = (dollars: number, per: number, page: string): Price => ({
  dollars,
  per,
  source: `https://aws.amazon.com/${page}/pricing/`,
});

const MILLION = 1_000_000;
const GIGABYTE = 1_000_000_000;

export const prices = {
  apiRequest: price(1, MILLION, 'api-gateway'),
  /** On arm64. */
  invocation: price(0.2, MILLION, 'lambda'),
  gigabyteSecond: price(0.000_013_333_4, 1, 'lambda'),
  writeUnit: price(0.625, MILLION, 'dynamodb'),
  readUnit: price(0.125, MILLION, 'dynamodb'),
  tableOctetMonth: price(0.25, GIGABYTE, 'dynamodb'),
  /** Of copies for a restore to a point in time, by the size of the table. */
  backupOctetMonth: price(0.2, GIGABYTE, 'dynamodb'),
  queueRequest: price(0.4, MILLION, 'sqs'),
  topicRequest: price(0.5, MILLION, 'sns'),
  put: price(0.005, 1_000, 's3'),
  get: price(0.0004, 1_000, 's3'),
  busEvent: price(1, MILLION, 'eventbridge'),
  scheduledCall: price(1, MILLION, 'eventbridge'),
  keyRequest: price(0.03, 10_000, 'kms'),
  keyPair: price(12, 10_000, 'kms'),
  keyMonth: price(1, 1, 'kms'),
  logOctet: price(0.5, GIGABYTE, 'cloudwatch'),
  alarmMonth: price(0.1, 1, 'cloudwatch'),
  metricMonth: price(0.3, 1, 'cloudwatch'),
  zoneMonth: price(0.5, 1, 'route53'),
  query: price(0.4, MILLION, 'route53'),
  mail: price(0.1, 1_000, 'ses'),
  mailOctet: price(0.12, GIGABYTE, 'ses'),
  balancerHour: price(0.0225, 1, 'elasticloadbalancing'),
  balancerUnitHour: price(0.006, 1, 'elasticloadbalancing'),
  vcpuHour: price(0.032_38, 1, 'fargate'),
  containerGigabyteHour: price(0.003_56, 1, 'fargate'),
  addressHour: price(0.005, 1, 'vpc'),
  transferOctet: price(0.09, GIGABYTE, 'ec2'),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;

/** What others ask for so many mails a month, by their public lists; overage beyond the largest plan. */
export const others: readonly {
  readonly name: string;
  readonly source: string;
  /** Mails of a plan, and its dollars a month. */
  readonly plans: readonly (readonly [mails: number, dollars: number])[];
}[] = [
  {
    name: 'SendGrid',
    source: 'https://sendgrid.com/en-us/pricing',
    plans: [
      [50_000, 19.95],
      [100_000, 34.95],
      [300_000, 249],
      [700_000, 499],
      [1_500_000, 799],
      [2_500_000, 1_099],
    ],
  },
  {
    name: 'Postmark',
    source: 'https://postmarkapp.com/pricing',
    plans: [
      [10_000, 15],
      [50_000, 55],
      [125_000, 138],
      [300_000, 245],
      [700_000, 455],
      [1_500_000, 775],
      [3_000_000, 1_200],
    ],
  },
];
