import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'canary',
  description: 'Sends a mail through the whole path every hour, and waits until it arrived',
  callsBeside: 'https to our own API',
  wokenBy: {
    schedules: { Hourly: { every: 'hour', expression: 'cron(7 * * * ? *)', maximumAge: 1800 } },
    failures: {
      severity: 'urgent',
      says: 'The hourly canary mail did not arrive, three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'delete it, once a later canary has arrived',
    },
  },
  timeout: 240,
  // For the last queries and the log.
  reserve: 10,
  memory: 512,
  tables: {
    claims: ['GetItem', 'BatchGetItem'],
    messages: ['GetItem', 'Query', 'PutItem'],
    suppressions: ['BatchGetItem'],
    budgets: ['GetItem', 'UpdateItem'],
    reports: ['GetItem'],
  },
  sendsTo: ['outbound'],
  settings: ['CANARY', 'DEPLOYMENT', 'BUDGET_LIMITS', 'MAIL_BUCKET', 'API_URL'],
  optionalSettings: ['UNSIGNED_ALLOWED'],
} as const satisfies FunctionDeclaration;
