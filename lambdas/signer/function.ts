import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'signer',
  description: 'Signs a mail with the key of its From domain and hands it to SES',
  callsBeside: 'DNS',
  wokenBy: {
    // The operator decides the concurrency.
    queue: {
      name: 'outbound',
      message:
        '`CarriedMailRequest`: a mail and its envelope; or `OutboundRequest`: the id of a stored one',
      // The outbox has whatever was received twice, dead letters among it.
      keepsLongest: true,
      deadLetters: {
        severity: 'urgent',
        says: 'A mail was neither sent nor refused: the signer failed on it five times.',
        waits: 'a mail that was neither sent nor refused',
        remedy: 'now',
      },
      delayed: {
        severity: 'urgent',
        minutes: 15,
        measure: 'MailAge',
        says: 'Mail has been waiting for 15 minutes to be signed and sent.',
      },
    },
    batchSize: 10,
  },
  // The largest mails take up to 50 s to be handed to SES.
  timeout: 90,
  // It mostly waits; the largest mails take some 350 MB.
  memory: 640,
  monitoring: { severity: 'urgent' },
  tables: {
    claims: ['GetItem', 'BatchGetItem'],
    messages: ['GetItem', 'Query', 'UpdateItem', 'PutItem'],
    tenants: ['GetItem', 'ConditionCheckItem'],
    reputations: ['BatchGetItem'],
    webhooks: ['Query'],
    suppressions: ['BatchGetItem'],
    revokedKeys: ['BatchGetItem', 'PutItem'],
    checks: ['GetItem', 'UpdateItem'],
    rotations: ['UpdateItem'],
    exitRates: ['GetItem', 'UpdateItem'],
  },
  sendsTo: ['outbound', 'rotation'],
  wrappingKey: ['Decrypt'],
  putsEvents: true,
  settings: [
    'MAIL_BUCKET',
    'REVOCATIONS_BUCKET',
    'CONFIGURATION_SET',
    'UNCLEAR_SECONDS',
    'UNCLEAR_POLICY',
    'LEASE_SECONDS',
    'HOLD_HOURS',
    'REPUTATION',
    'MAIL_EVENTS',
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
