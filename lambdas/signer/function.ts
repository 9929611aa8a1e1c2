import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'signer',
  description: 'Signs a mail with the key of its From domain and hands it to SES',
  callsBeside: 'DNS',
  wokenBy: {
    // The operator decides the concurrency.
    queue: {
      name: 'outbound',
      message: '`OutboundRequest`',
      deadLetters: {
        severity: 'urgent',
        says: 'A mail was neither sent nor refused: the signer failed on it five times.',
        waits: 'a mail that was neither sent nor refused',
        remedy: 'now',
      },
      delayed: {
        severity: 'urgent',
        minutes: 15,
        says: 'Mail has been waiting for 15 minutes to be signed and sent.',
      },
    },
    batchSize: 10,
  },
  timeout: 60,
  memory: 1769,
  monitoring: { severity: 'urgent' },
  tables: {
    claims: ['GetItem', 'BatchGetItem'],
    messages: ['GetItem', 'Query', 'UpdateItem'],
    revokedKeys: ['BatchGetItem'],
    checks: ['GetItem', 'UpdateItem'],
    rotations: ['UpdateItem'],
  },
  sendsTo: ['outbound', 'rotation'],
  wrappingKey: ['Decrypt'],
  putsEvents: true,
  settings: [
    'MAIL_BUCKET',
    'CONFIGURATION_SET',
    'UNCLEAR_SECONDS',
    'UNCLEAR_POLICY',
    'LEASE_SECONDS',
    'HOLD_HOURS',
    'RESOLVERS',
    'AUTHORITATIVE_PORT',
  ],
  optionalSettings: ['UNSIGNED_ALLOWED'],
  alarms: {
    Unclear: {
      name: 'unclear-attempts',
      severity: 'routine',
      says: 'It is not known whether SES took some mail.',
      counter: 'UnclearAttempts',
      minutes: 15,
      threshold: 10,
    },
  },
} as const satisfies FunctionDeclaration;
