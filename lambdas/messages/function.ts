import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'messages',
  description: 'The routes about messages: takes mail in, tells what became of it',
  wokenBy: { api: true },
  timeout: 29,
  memory: 1024,
  monitoring: { severity: 'urgent', errors: 5 },
  tables: {
    claims: ['GetItem', 'BatchGetItem'],
    messages: ['GetItem', 'Query', 'PutItem', 'Query recent'],
  },
  sendsTo: ['outbound'],
  settings: ['MAIL_BUCKET'],
  optionalSettings: ['UNSIGNED_ALLOWED'],
} as const satisfies FunctionDeclaration;
