import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'revocation-log',
  description: 'Writes revocations of keys into the bucket that nobody can change',
  wokenBy: {
    stream: 'revokedKeys',
    batchSize: 100,
    failures: {
      severity: 'routine',
      says: 'Revocations were not written into their bucket; until they are, a restore would lose them.',
      waits: 'a pointer to revocations (stream, shard, sequence numbers; gone after 24 h)',
      remedy:
        'restore no table until the next run of `reconciler`, which writes them too; invoke it to have that at once',
    },
  },
  settings: ['REVOCATIONS_BUCKET'],
} as const satisfies FunctionDeclaration;
