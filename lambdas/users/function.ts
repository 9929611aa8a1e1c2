import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'users',
  description: 'The routes about those who use the dashboard',
  wokenBy: { api: true },
  timeout: 29,
  memory: 512,
  tables: {
    tenants: ['GetItem'],
    users: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    answers: ['PutItem', 'DeleteItem'],
    audit: ['PutItem'],
  },
  putsEvents: true,
  settings: ['USER_POOL_ID', 'BUDGET_LIMITS'],
} as const satisfies FunctionDeclaration;
