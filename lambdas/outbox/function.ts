import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'outbox',
  description: 'Queues mail that was accepted and is not on its way, every minute',
  wokenBy: {
    schedules: {
      // The next one comes in a minute and goes on where this one ended.
      EveryMinute: { every: 'minute', expression: 'rate(1 minute)', maximumAge: 60 },
    },
    failures: {
      severity: 'routine',
      says: 'The outbox could not be woken or failed three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  timeout: 55,
  reserve: 10,
  tables: { messages: ['GetItem', 'Query', 'PutItem'], tenants: ['GetItem'] },
  sendsTo: ['outbound'],
  alarms: {
    Behind: {
      name: 'outbox-behind',
      severity: 'urgent',
      says: 'Accepted mail has not been checked for ten minutes: some may not be queued.',
      counter: 'OutboxBehind',
      minutes: 5,
    },
  },
} as const satisfies FunctionDeclaration;
