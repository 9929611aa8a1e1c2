import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'identity-planner',
  description: 'Counts the SES identities of the account, and queues those that were left over',
  wokenBy: {
    schedules: {
      Hourly: { every: 'hour', expression: 'rate(1 hour)' },
    },
    failures: {
      severity: 'routine',
      says: 'The identity planner could not be woken or failed three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  // A page of a list takes a turn at SES, and other turns come between.
  timeout: 120,
  reserve: 15,
  tables: { identities: ['Scan', 'PutItem', 'UpdateItem'] },
  sendsTo: ['identities'],
  settings: ['IDENTITY_QUOTA', 'IDENTITY_ALARM'],
  alarms: {
    Quota: {
      name: 'identity-quota',
      severity: 'routine',
      says: 'The account has nearly as many SES identities as SES allows.',
      counter: 'IdentityQuotaNear',
      minutes: 60,
    },
  },
} as const satisfies FunctionDeclaration;
