import { prices, type PriceName } from './prices.ts';
import { fixed, MEMORY, perCheck, perMail, perMinute, sharedWrites, type Usage } from './usage.ts';

/** What a month's bill is for. */
export interface Month {
  /** Domains that send. */
  readonly domains: number;
  /** Mails of 5 KB to one recipient each. */
  readonly messages: number;
  /** True where they come by SMTP. */
  readonly smtp: boolean;
}

/** The lines of a bill: dollars by service. */
export type Bill = Readonly<Record<Service, number>>;

export const services = [
  'Amazon SES',
  'Lambda',
  'DynamoDB',
  'SQS',
  'SNS',
  'EventBridge',
  'S3',
  'API Gateway',
  'KMS',
  'Route 53',
  'CloudWatch Logs',
  'CloudWatch alarms',
  'CloudWatch metrics',
  'Load balancer and containers',
  'Data transfer',
] as const;
export type Service = (typeof services)[number];

export const MAIL_OCTETS = 5_000;
const HOURS = 730;
const MINUTES = HOURS * 60;
const CANARY_GIGABYTE_SECONDS = 6;
/** A key's verdict, and what else signers remember of a domain, is older than this. */
const QUIET_SECONDS = 60;

/** Milliseconds that a function waits for a call, in the median; one after another, though some are at once. */
const LATENCY: Readonly<Record<string, number>> = {
  dynamodb: 4,
  sqs: 8,
  s3: 25,
  ses: 80,
  events: 12,
  kms: 10,
};
/** Milliseconds of its own work. */
const WORK = 4;

const dollars = (name: PriceName, count: number): number =>
  (prices[name].dollars * count) / prices[name].per;

/** The gigabyte-seconds of a unit of work, by the calls that its functions wait for. */
export function gigabyteSeconds({ invocations, calls }: Usage): number {
  return Object.entries(invocations).reduce((sum, [name, count]) => {
    const waits = Object.entries(calls[name] ?? {}).map(
      ([service, number]) => (LATENCY[service] ?? 0) * number,
    );
    const milliseconds = waits.reduce((total, each) => total + each, WORK * count);
    return sum + (milliseconds / 1_000) * ((MEMORY[name] ?? 256) / 1_024);
  }, 0);
}

const nothing = Object.fromEntries(services.map((name) => [name, 0])) as Record<Service, number>;

const added = (one: Bill, other: Partial<Bill>): Bill =>
  Object.fromEntries(services.map((name) => [name, one[name] + (other[name] ?? 0)])) as Bill;

/** What so many units of work cost. */
function billOf(usage: Usage, times: number): Partial<Bill> {
  const invocations = Object.values(usage.invocations).reduce((sum, count) => sum + count, 0);
  const authorized = usage.invocations['authorizer'] ?? 0;
  const each: Partial<Bill> = {
    Lambda: dollars('invocation', invocations) + dollars('gigabyteSecond', gigabyteSeconds(usage)),
    DynamoDB: dollars('writeUnit', usage.writeUnits) + dollars('readUnit', usage.readUnits),
    SQS: dollars('queueRequest', usage.queueRequests),
    SNS: dollars('topicRequest', usage.topicRequests),
    EventBridge: dollars('busEvent', usage.busEvents),
    S3: dollars('put', usage.puts) + dollars('get', usage.gets),
    'API Gateway': dollars('apiRequest', authorized),
    KMS: dollars('keyRequest', usage.keyRequests),
    'CloudWatch Logs': dollars('logOctet', usage.logOctets),
  };
  return Object.fromEntries(Object.entries(each).map(([name, value]) => [name, value * times]));
}

/** What a deployment costs that nobody uses. */
export function idleBill(): Bill {
  const polls = fixed.polledQueues * fixed.pollsPerHour * HOURS;
  const scheduled = Object.values(perMinute.invocations).reduce((sum, count) => sum + count, 0);
  return added(added(hourlyBill(), billOf(perMinute, MINUTES)), {
    EventBridge: dollars('scheduledCall', scheduled * MINUTES),
    SQS: dollars('queueRequest', polls),
    KMS: dollars('keyMonth', fixed.keys),
    'Route 53': dollars('zoneMonth', fixed.zones),
    'CloudWatch alarms': dollars('alarmMonth', fixed.alarmMetrics),
    'CloudWatch metrics':
      dollars('metricMonth', fixed.metrics) +
      dollars('metricMonth', fixed.dailyMetricHours / HOURS),
  });
}

/** What the canary and the monitor do every hour. */
function hourlyBill(): Bill {
  const { mails, queuesCounted } = fixed.canary;
  const mail = mails * HOURS;
  return [
    billOf(perMail.quiet, mail),
    {
      'Amazon SES': dollars('mail', mail),
      SQS: dollars('queueRequest', queuesCounted * HOURS),
      EventBridge: dollars('scheduledCall', 2 * HOURS),
      // Seconds that the canary waits until it arrived, in half a gigabyte, and the reader of inbound mail.
      Lambda: dollars('gigabyteSecond', CANARY_GIGABYTE_SECONDS * HOURS),
    },
  ].reduce<Bill>(added, nothing);
}

/** The bill of a month. */
export function billFor({ domains, messages, smtp }: Month): Bill {
  const secondsBetween = messages === 0 ? Infinity : (HOURS * 3_600 * domains) / messages;
  const isQuiet = secondsBetween > QUIET_SECONDS;
  const way = smtp ? perMail.smtp : perMail.api;
  // A quiet domain's mail needs as much more by either way.
  const quiet: Usage = {
    ...way,
    writeUnits: way.writeUnits + perMail.quiet.writeUnits - perMail.api.writeUnits,
    readUnits: way.readUnits + perMail.quiet.readUnits - perMail.api.readUnits,
  };
  const sends = messages > 0;
  const stored = messages * fixed.storedOctets * (fixed.storedDays / 30);
  const checks = domains * (sends ? HOURS : HOURS / 24);
  const lines: Partial<Bill>[] = [
    billOf(isQuiet ? quiet : way, messages),
    billOf(perCheck, checks),
    {
      'Amazon SES': dollars('mail', messages) + dollars('mailOctet', messages * MAIL_OCTETS),
      DynamoDB:
        dollars('writeUnit', messages * sharedWrites) +
        dollars('tableOctetMonth', stored) +
        dollars('backupOctetMonth', stored),
      KMS: dollars('keyPair', domains) + dollars('keyRequest', domains * fixed.unwrapsPerDomain),
      'Route 53': dollars('query', messages * fixed.queriesPerMail),
    },
    smtp ? smtpBill(messages) : {},
  ];
  return lines.reduce<Bill>(added, idleBill());
}

/** Two tasks, the load balancer and their addresses, and what goes through. */
function smtpBill(messages: number): Partial<Bill> {
  const { tasks, vcpu, gigabytes, addresses } = fixed.smtp;
  const hourly =
    dollars('balancerHour', 1) +
    dollars('balancerUnitHour', 1) +
    dollars('addressHour', addresses) +
    tasks * (dollars('vcpuHour', vcpu) + dollars('containerGigabyteHour', gigabytes));
  return {
    'CloudWatch alarms': dollars('alarmMonth', fixed.smtpAlarmMetrics),
    'Load balancer and containers': hourly * HOURS,
    // Answers to clients; what comes in is free.
    'Data transfer': dollars('transferOctet', messages * fixed.smtp.answerOctets),
  };
}

export const totalOf = (bill: Partial<Bill>): number =>
  Object.values(bill).reduce((sum, value) => sum + value, 0);
