import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'disclosure',
  description: 'Publishes retired private keys once nothing verifies with them',
  callsBeside: 'DNS',
  wokenBy: {
    schedules: {
      // The next one comes in a day and does the same.
      Daily: { every: 'day', expression: 'cron(0 6 * * ? *)', maximumAge: 12 * 3600 },
    },
    failures: {
      severity: 'routine',
      says: 'The disclosure of retired keys could not be woken or failed three times over; they wait.',
      waits: 'the daily check of retired keys; they wait, still wrapped',
      remedy: 'when you can',
    },
  },
  timeout: 15 * 60,
  // For the last checks.
  reserve: 60,
  memory: 512,
  tables: {
    claims: ['BatchGetItem', 'ConditionCheckItem'],
    disclosures: ['BatchGetItem', 'PutItem', 'DeleteItem', 'Query due'],
    revokedKeys: ['PutItem'],
  },
  wrappingKey: ['Decrypt'],
  settings: ['RESOLVERS', 'AUTHORITATIVE_PORT'],
  alarms: {
    Failed: {
      name: 'disclosures-failed',
      severity: 'routine',
      says: 'A retired private key could not be disclosed.',
      counter: 'DisclosuresFailed',
      minutes: 60,
    },
  },
} as const satisfies FunctionDeclaration;
