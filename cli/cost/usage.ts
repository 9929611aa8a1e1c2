import deployed from './deployed.json' with { type: 'json' };

/** What one unit of work uses of AWS, as counted in the local run. */
export interface Usage {
  /** Invocations of each function. */
  readonly invocations: Readonly<Record<string, number>>;
  /** Calls of each function or container that it waits for, by service. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of DynamoDB, on demand. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Of SQS, each of up to 64 KB. */
  readonly queueRequests: number;
  /** Of SNS. */
  readonly topicRequests: number;
  /** Of S3. */
  readonly puts: number;
  readonly gets: number;
  /** Events on the bus. */
  readonly busEvents: number;
  /** Of KMS. */
  readonly keyRequests: number;
  /** Octets of the functions' own lines. */
  readonly logOctets: number;
}

/** What is counted, of work that uses none of it. */
const nothing = {
  queueRequests: 0,
  topicRequests: 0,
  puts: 0,
  gets: 0,
  busEvents: 0,
  keyRequests: 0,
  logOctets: 0,
};

/** One mail of 5 KB to one recipient of a tenant without webhooks, submitted, sent and delivered. */
export const perMail: Readonly<Record<'api' | 'smtp' | 'quiet', Usage>> = {
  api: {
    ...nothing,
    invocations: { authorizer: 1, messages: 1, signer: 1, 'ses-events': 2 },
    calls: {
      authorizer: { dynamodb: 2 },
      messages: { dynamodb: 5, sqs: 1 },
      signer: { dynamodb: 8, ses: 1 },
      'ses-events': { dynamodb: 5 },
    },
    writeUnits: 9,
    readUnits: 12,
    queueRequests: 3,
    topicRequests: 2,
    logOctets: 1650,
  },
  smtp: {
    ...nothing,
    invocations: { signer: 1, 'ses-events': 2 },
    calls: {
      smtp: { dynamodb: 10, sqs: 1 },
      signer: { dynamodb: 8, ses: 1 },
      'ses-events': { dynamodb: 5 },
    },
    writeUnits: 9,
    readUnits: 15,
    queueRequests: 3,
    topicRequests: 2,
    logOctets: 1358,
  },
  /** By the API, of a domain that has sent nothing for an hour; the use of its key is noted then. */
  quiet: {
    ...nothing,
    invocations: { authorizer: 1, messages: 1, signer: 1, 'ses-events': 2 },
    calls: {
      authorizer: { dynamodb: 3 },
      messages: { dynamodb: 7, sqs: 1 },
      signer: { dynamodb: 12, ses: 1 },
      'ses-events': { dynamodb: 5 },
    },
    writeUnits: 12,
    readUnits: 16,
    queueRequests: 3,
    topicRequests: 2,
    logOctets: 1650,
  },
};

/**
 * Write units of a mail that others share: the counts of a tenant follow those of its domains by two
 * writes for ten outcomes, those of the account by one for twenty.
 */
export const sharedWrites = 2 / 10 + 1 / 20;

/** One check of a domain, beside the planner. */
export const perCheck: Usage = {
  ...nothing,
  invocations: { checker: 1 },
  calls: { checker: { dynamodb: 4 } },
  writeUnits: 10,
  readUnits: 3,
  queueRequests: 2,
};

/** The functions that are called every minute, with nothing to do. */
export const perMinute: Usage = {
  ...nothing,
  invocations: {
    'check-planner': 1,
    flattener: 1,
    'hand-over': 1,
    outbox: 1,
    'rotation-planner': 1,
  },
  calls: {
    'check-planner': { dynamodb: 16 },
    flattener: { dynamodb: 1 },
    outbox: { dynamodb: 6 },
    'rotation-planner': { dynamodb: 1 },
  },
  writeUnits: 1,
  readUnits: 14.5,
};

/** Megabytes of functions, by name. */
export const MEMORY: Readonly<Record<string, number>> = deployed.memory;

/** What a deployment has, whoever uses it. */
export const fixed = {
  /** Counted from the templates; the metrics of alarms, of which most have one. */
  zones: deployed.zones,
  keys: deployed.keys,
  alarmMetrics: deployed.alarmMetrics,
  /** Further ones with SMTP. */
  smtpAlarmMetrics: deployed.smtpAlarmMetrics,
  /** Hours of a month in which the daily schedules count that they succeeded, each by its own metric. */
  dailyMetricHours: 2 * 30,
  /** Messages that a canary takes, and its calls of the queues that the monitor counts, an hour. */
  canary: { mails: 1, queuesCounted: 31 },
  /** Own metrics that mail has which leaves at once: `MailAge`. */
  metrics: 1,
  /** Queues that Lambda polls, by five connections that wait for 20 s each. */
  polledQueues: deployed.polledQueues,
  pollsPerHour: 5 * 180,
  /** Octets of a message's item and its place in the index, and how long it is kept. */
  storedOctets: 1_100,
  storedDays: 90,
  /** Queries of our zones; receivers' resolvers have most answers already. */
  queriesPerMail: 1,
  /** Each instance of the signer unwraps a key once; it is replaced monthly. */
  unwrapsPerDomain: 30,
  smtp: { tasks: 2, vcpu: 0.5, gigabytes: 2, addresses: 4, answerOctets: 2_000 },
} as const;
