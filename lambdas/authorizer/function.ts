import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'authorizer',
  description: 'Finds the tenant or platform that a key, a user or a token belongs to',
  callsBeside: "Cognito's public keys, once",
  wokenBy: { api: true },
  // API Gateway waits for 10 s.
  timeout: 8,
  memory: 512,
  tables: { tenants: ['GetItem'], platforms: ['GetItem'], users: ['Query', 'UpdateItem'] },
  settings: ['USER_POOL_ID'],
} as const satisfies FunctionDeclaration;
