import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'users',
  description: 'The routes about those who use the dashboard',
  wokenBy: { api: true },
  timeout: 29,
  memory: 512,
  monitoring: { severity: 'routine', errors: 5 },
  tables: { users: ['Query', 'PutItem', 'DeleteItem'] },
  settings: ['USER_POOL_ID'],
} as const satisfies FunctionDeclaration;
