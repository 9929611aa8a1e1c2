import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'audit',
  description: 'The route that reads the audit log',
  wokenBy: { api: true },
  timeout: 29,
  memory: 512,
  tables: {
    audit: ['Query'],
    auditSeals: ['BatchGetItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    answers: ['PutItem', 'DeleteItem'],
  },
  settings: ['BUDGET_LIMITS'],
} as const satisfies FunctionDeclaration;
