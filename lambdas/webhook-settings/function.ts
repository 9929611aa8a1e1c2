import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'webhook-settings',
  description: 'The routes about webhooks and notices',
  wokenBy: { api: true },
  timeout: 29,
  memory: 512,
  tables: {
    webhooks: ['GetItem', 'Query', 'PutItem', 'DeleteItem'],
    notices: ['GetItem', 'UpdateItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    answers: ['PutItem', 'DeleteItem'],
    audit: ['PutItem'],
  },
  secretsKey: { answer: ['Encrypt', 'Decrypt'], webhook: ['Encrypt'] },
  sendsTo: ['webhook'],
  settings: ['DEPLOYMENT', 'BUDGET_LIMITS', 'HAND_OVER'],
} as const satisfies FunctionDeclaration;
