import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'roll-out-planner',
  description: 'Queues the domains with a DMARC plan, every day',
  wokenBy: {
    schedules: {
      // Most reports of a day have come by noon of the next, UTC.
      Daily: { every: 'day', expression: 'cron(0 12 * * ? *)', maximumAge: 12 * 3600 },
    },
    failures: {
      severity: 'routine',
      says: 'The DMARC plans were not looked at today, or their planner failed three times over.',
      waits: 'a scheduled call that could not be made or failed',
      remedy: 'when you can: the next call makes up for it',
    },
  },
  timeout: 15 * 60,
  memory: 512,
  tables: { claims: ['Scan'] },
  sendsTo: ['roll-out'],
} as const satisfies FunctionDeclaration;
