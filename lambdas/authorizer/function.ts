import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'authorizer',
  description: 'Tells which tenant an API key or a user belongs to',
  callsBeside: "Cognito's public keys, once",
  wokenBy: { api: true },
  timeout: 5,
  memory: 512,
  monitoring: { severity: 'urgent', errors: 5 },
  tables: { tenants: ['GetItem'], users: ['GetItem'] },
  settings: ['USER_POOL_ID'],
} as const satisfies FunctionDeclaration;
