import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'tenants',
  description: 'The routes by which platforms make and run tenants',
  wokenBy: { api: true },
  timeout: 29,
  memory: 512,
  tables: {
    platforms: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    tenants: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
    messages: ['Query', 'DeleteItem'],
    webhooks: ['PutItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    answers: ['PutItem', 'DeleteItem'],
    audit: ['PutItem'],
  },
  sendsTo: ['outbound'],
  secretsKey: { answer: ['Encrypt', 'Decrypt'] },
  settings: ['BUDGET_LIMITS'],
} as const satisfies FunctionDeclaration;
