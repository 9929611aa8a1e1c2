import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'messages',
  description: 'The routes about messages: takes mail in, tells what became of it',
  wokenBy: { api: true },
  timeout: 29,
  memory: 1024,
  tables: {
    claims: ['GetItem', 'BatchGetItem'],
    messages: ['GetItem', 'Query', 'PutItem', 'Query recent'],
    suppressions: ['BatchGetItem'],
    budgets: ['GetItem', 'BatchGetItem', 'UpdateItem', 'Query'],
    reputations: ['BatchGetItem'],
    answers: ['PutItem', 'DeleteItem'],
    exitRates: ['GetItem'],
  },
  sendsTo: ['outbound'],
  secretsKey: { answer: ['Encrypt', 'Decrypt'] },
  settings: ['MAIL_BUCKET', 'BUDGET_LIMITS'],
  optionalSettings: ['UNSIGNED_ALLOWED'],
} as const satisfies FunctionDeclaration;
