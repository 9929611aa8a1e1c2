import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'monitor',
  description: 'Counts the messages that wait for people, and reads the quotas of SES, every hour',
  wokenBy: {
    schedules: { Hourly: { every: 'hour', expression: 'cron(22 * * * ? *)' } },
    failures: {
      severity: 'routine',
      says: 'The monitor could not be woken or failed three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  timeout: 60,
  settings: ['LETTER_QUEUES'],
  alarms: {
    Letters: {
      name: 'dead-letters',
      severity: 'routine',
      says: 'Messages wait for people; the log of monitor names their queues.',
      counter: 'DeadLetters',
      minutes: 60,
    },
  },
} as const satisfies FunctionDeclaration;
