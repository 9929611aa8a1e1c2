import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'webhooks',
  description: 'Delivers events to the endpoints of tenants',
  callsBeside: "DNS; https to tenants' endpoints",
  wokenBy: {
    queue: {
      name: 'webhook',
      message: 'an event as EventBridge has it, or `DeliveryRequest` sent with a delay',
      events: {
        rule: 'ToWebhooks',
        description: 'Every event, for the endpoints of its tenant',
        exceptTypes: 'audit.',
      },
      undelivered: {
        severity: 'routine',
        says: 'EventBridge could not put events on the queue of the webhooks.',
        waits:
          "events that EventBridge could not put on the webhooks' queue; mostly its policy was changed by hand: `npx cdk diff` shows it",
        remedy: 'within a day: send the bodies to `<name>-webhook`',
      },
      deadLetters: {
        severity: 'routine',
        says: 'An event could not be handed to the endpoints of its tenant.',
        waits:
          "an event that could not be handed to a tenant's endpoints: our fault, not the endpoint's, which is tried for 28 hours without any dead letter",
        remedy: 'within a day',
      },
    },
    batchSize: 10,
    concurrency: 20,
  },
  timeout: 60,
  tables: {
    webhooks: ['GetItem', 'Query', 'PutItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    audit: ['PutItem'],
  },
  sendsTo: ['webhook'],
  secretsKey: { webhook: ['Encrypt', 'Decrypt'] },
  putsEvents: true,
  settings: ['BUDGET_LIMITS', 'RESOLVERS', 'AUTHORITATIVE_PORT'],
} as const satisfies FunctionDeclaration;
