import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'suppressions',
  description: 'The routes about addresses that mail is not sent to',
  wokenBy: { api: true },
  timeout: 29,
  memory: 512,
  tables: {
    suppressions: ['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem', 'Query'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    answers: ['PutItem', 'DeleteItem'],
    audit: ['PutItem'],
  },
  settings: ['BUDGET_LIMITS'],
} as const satisfies FunctionDeclaration;
