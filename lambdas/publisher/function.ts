import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'publisher',
  description: 'Submits desired minus published records of a shard to Route 53',
  wokenBy: {
    queue: {
      name: 'publish',
      fifo: true,
      message:
        '`PublishRequest`; one message group for each shard, high throughput per group. The sender makes the deduplication id; content-based deduplication is off',
      deadLetters: {
        severity: 'urgent',
        says: 'Records of some claims were not published, and the shard may be held up behind them.',
        waits: 'records of the claims it names are not published',
        remedy: 'now; the daily reconciler repairs it too',
      },
      delayed: {
        severity: 'urgent',
        minutes: 10,
        says: 'Records have been waiting for 10 minutes to be published.',
      },
    },
    batchSize: 10,
    concurrency: 5,
    urgent: {
      queue: {
        name: 'revocations',
        message: '`PublishRequest` with `revokedAt`; of claims with a key that was revoked',
        // The alarm on their delay has fired before; the publish queue has the same claims.
        deadLetters: {
          severity: 'routine',
          says: 'The records of some revoked keys were not taken out of DNS by their own queue.',
          waits: 'records of the claims it names, which may still show a revoked key',
          remedy:
            'now; the publish queue has the same claims, and the daily reconciler repairs it too',
        },
        delayed: {
          severity: 'urgent',
          minutes: 1,
          says: 'A revoked key has been waiting for a minute to be taken out of DNS.',
        },
      },
      batchSize: 10,
      concurrency: 5,
    },
  },
  timeout: 60,
  // For the call under way, as long as the SDK tries it where a service hangs, its notes, and
  // queueing the rest again.
  reserve: 30,
  memory: 512,
  tables: {
    claims: ['BatchGetItem'],
    publications: ['BatchGetItem', 'PutItem'],
    revokedKeys: ['BatchGetItem'],
    leases: ['UpdateItem'],
  },
  sendsTo: ['insync', 'publish', 'revocations'],
  settings: ['DEPLOYMENT'],
  alarms: {
    Parked: {
      name: 'publications-parked',
      severity: 'urgent',
      says: 'Route 53 refused the records of a claim; they are parked.',
      counter: 'PublicationsParked',
      minutes: 1,
    },
    RevocationsLate: {
      name: 'revocations-late',
      severity: 'urgent',
      says: 'A revoked key was in DNS for over a minute.',
      counter: 'RevocationsLate',
      minutes: 1,
    },
  },
} as const satisfies FunctionDeclaration;
