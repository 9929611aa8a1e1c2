import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'webhooks',
  description: 'Delivers events to the endpoints of tenants',
  wokenBy: {
    queue: {
      name: 'webhook',
      events: { rule: 'ToWebhooks', description: 'Every event, for the endpoints of its tenant' },
      undelivered: {
        severity: 'routine',
        says: 'EventBridge could not put events on the queue of the webhooks.',
      },
      deadLetters: {
        severity: 'routine',
        says: 'An event could not be handed to the endpoints of its tenant.',
      },
    },
    batchSize: 10,
    concurrency: 20,
  },
  timeout: 60,
  monitoring: { severity: 'routine' },
  tables: { webhooks: ['GetItem', 'Query', 'PutItem'] },
  sendsTo: ['webhook'],
  settings: ['RESOLVERS', 'AUTHORITATIVE_PORT'],
} as const satisfies FunctionDeclaration;
