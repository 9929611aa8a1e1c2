import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'reports',
  description: 'Reads DMARC reports and adds them to the sums of the domain they are about',
  callsBeside: 'DNS',
  wokenBy: {
    queue: {
      name: 'reports',
      message: 'what SES says of a mail it stored; raw delivery by SNS',
      undelivered: {
        severity: 'routine',
        says: 'SNS could not put the notice of a received DMARC report on its queue.',
        waits: 'a DMARC report that was stored but not read; it stays in its bucket for 90 days',
        remedy: 'within a week',
      },
      deadLetters: {
        severity: 'routine',
        says: 'A DMARC report could not be taken: its function failed on it five times.',
        waits: 'a DMARC report that was stored but not read; it stays in its bucket for 90 days',
        remedy: 'within a week',
      },
    },
    // Mail from any sender arrives there: its share of the account is bounded.
    batchSize: 5,
    concurrency: 10,
  },
  timeout: 120,
  memory: 1024,
  tables: { claims: ['BatchGetItem'], reports: ['GetItem', 'Query', 'PutItem'] },
  sendsTo: ['rotation'],
  settings: ['DEPLOYMENT', 'REPORTS_BUCKET', 'REPORTERS', 'RESOLVERS', 'AUTHORITATIVE_PORT'],
  alarms: {
    Unreadable: {
      name: 'reports-unreadable',
      severity: 'routine',
      says: 'Reports that a configured reporter is proven to have sent could not be read.',
      counter: 'ReportsUnreadable',
      minutes: 60,
      threshold: 10,
    },
    KeysFailing: {
      name: 'new-keys-failing',
      severity: 'urgent',
      says: 'Receivers report that mail signed with newly promoted keys fails.',
      counter: 'NewKeyFailing',
      minutes: 5,
    },
  },
} as const satisfies FunctionDeclaration;
