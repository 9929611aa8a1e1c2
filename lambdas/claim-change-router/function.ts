import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'relay',
  folder: 'claim-change-router',
  description: 'Turns changes of claims into nudges for publishing, identities and checks',
  wokenBy: {
    stream: 'claims',
    batchSize: 100,
    failures: {
      severity: 'routine',
      says: 'Changes of some claims were not relayed; the reconciler repairs it within a day.',
    },
    behind: {
      severity: 'urgent',
      minutes: 10,
      says: 'The relay is 10 minutes behind the changes of claims.',
    },
  },
  monitoring: { severity: 'urgent' },
  sendsTo: ['publish', 'identity', 'check'],
} as const satisfies FunctionDeclaration;
