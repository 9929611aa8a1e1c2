import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'audit-sealer',
  description: 'Chains the entries of the audit log by hash',
  wokenBy: {
    stream: 'audit',
    batchSize: 100,
    failures: {
      severity: 'routine',
      says: 'Entries of the audit log were not sealed; until they are, nobody would notice that one is changed.',
      waits:
        'a pointer to entries of the audit log (stream, shard, sequence numbers; gone after 24 h)',
      remedy: 'run `npm run ops -- audit seal`, which seals what the log has unsealed',
    },
  },
  tables: { auditSeals: ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'] },
  putsEvents: true,
} as const satisfies FunctionDeclaration;
