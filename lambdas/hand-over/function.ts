import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'hand-over',
  description: 'Mails contacts the link to the records of their domains, and reminds them',
  wokenBy: {
    schedules: {
      // The next one comes in a minute and does the same.
      MailContacts: { every: 'minute', expression: 'rate(1 minute)', maximumAge: 60 },
    },
    failures: {
      severity: 'routine',
      says: 'Mails to contacts could not be sent three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  timeout: 5 * 60,
  memory: 512,
  tables: {
    handOvers: ['PutItem', 'DeleteItem', 'Query due'],
    platforms: ['GetItem', 'Query'],
    tenants: ['GetItem'],
    claims: ['GetItem', 'BatchGetItem'],
    checks: ['BatchGetItem'],
    messages: ['GetItem', 'Query', 'PutItem'],
    suppressions: ['BatchGetItem'],
    budgets: ['GetItem', 'UpdateItem'],
    audit: ['PutItem'],
  },
  sendsTo: ['outbound'],
  putsEvents: true,
  settings: ['DEPLOYMENT', 'PENDING_DAYS', 'HAND_OVER', 'MAIL_BUCKET', 'BUDGET_LIMITS'],
  optionalSettings: ['UNSIGNED_ALLOWED'],
} as const satisfies FunctionDeclaration;
