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
      waits: 'a pointer to changes of claims (stream, shard, sequence numbers; gone after 24 h)',
      remedy:
        'the reconciler repairs the records within a day; a claim that was new gets its SES identity and first check only when somebody asks for a check (`POST /v1/domains/{name}/checks`)',
    },
    behind: {
      severity: 'urgent',
      minutes: 10,
      says: 'The relay is 10 minutes behind the changes of claims.',
    },
  },
  sendsTo: ['publish', 'revocations', 'identities', 'check'],
} as const satisfies FunctionDeclaration;
