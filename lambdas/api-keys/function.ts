import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'api-keys',
  description: 'The routes about API keys',
  wokenBy: { api: true },
  timeout: 29,
  memory: 512,
  tables: {
    tenants: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
    users: ['Query'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    answers: ['PutItem', 'DeleteItem'],
    audit: ['PutItem'],
  },
  secretsKey: { answer: ['Encrypt', 'Decrypt'] },
  putsEvents: true,
  settings: ['BUDGET_LIMITS'],
} as const satisfies FunctionDeclaration;
