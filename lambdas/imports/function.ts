import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'imports',
  description: 'The routes about imports: takes lists of domains, shows what became of their rows',
  wokenBy: { api: true },
  timeout: 29,
  memory: 1024,
  tables: {
    platforms: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    claims: ['BatchGetItem'],
    identities: ['BatchGetItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem'],
    answers: ['PutItem', 'DeleteItem'],
    audit: ['PutItem'],
  },
  sendsTo: ['imports'],
  settings: ['DEPLOYMENT', 'BUDGET_LIMITS'],
} as const satisfies FunctionDeclaration;
