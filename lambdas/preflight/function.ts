import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'preflight',
  description: 'Answers browsers that ask whether a page may call the API',
  wokenBy: { api: true },
  timeout: 10,
  tables: { platforms: ['Query'] },
} as const satisfies FunctionDeclaration;
