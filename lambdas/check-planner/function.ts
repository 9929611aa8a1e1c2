import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'check-planner',
  description: 'Queues the checks that are due, every minute',
  wokenBy: {
    schedules: {
      // The next one comes in a minute and does the same.
      EveryMinute: { every: 'minute', expression: 'rate(1 minute)', maximumAge: 60 },
    },
    failures: {
      severity: 'routine',
      says: 'The check planner could not be woken or failed three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  timeout: 50,
  tables: { checks: ['UpdateItem', 'Query due'] },
  sendsTo: ['check'],
} as const satisfies FunctionDeclaration;
