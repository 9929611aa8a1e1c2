import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'invitation-mail',
  description: 'Writes the mail that invites somebody to the dashboard',
  wokenBy: { userPool: 'CustomMessage' },
  timeout: 5,
} as const satisfies FunctionDeclaration;
