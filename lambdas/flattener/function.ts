import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'flattener',
  description:
    'Keeps SPF includes that are published as addresses up to date, and the networks of mail services',
  callsBeside: 'DNS',
  wokenBy: {
    schedules: {
      // The next one comes in a minute and does the same.
      EveryMinute: { every: 'minute', expression: 'rate(1 minute)', maximumAge: 60 },
      Services: {
        every: 'day',
        task: 'services',
        expression: 'cron(20 3 * * ? *)',
        maximumAge: 12 * 3600,
        succeeded: 'MailServicesListed',
      },
    },
    failures: {
      severity: 'routine',
      says: 'The flattener of SPF includes could not be woken or failed three times over; what it published last stays.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  timeout: 5 * 60,
  tables: {
    claims: ['GetItem', 'PutItem'],
    flattenings: ['PutItem', 'DeleteItem', 'Query due'],
    audit: ['PutItem'],
  },
  settings: ['DEPLOYMENT', 'RESOLVERS', 'AUTHORITATIVE_PORT'],
} as const satisfies FunctionDeclaration;
