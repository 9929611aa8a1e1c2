import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'dashboard',
  description: "Answers with the files of the customers' web page",
  wokenBy: { distribution: true },
  timeout: 10,
  settings: ['SIGN_IN_ORIGIN', 'SIGN_IN_CLIENT_ID'],
} as const satisfies FunctionDeclaration;
