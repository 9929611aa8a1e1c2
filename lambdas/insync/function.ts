import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'insync',
  description: 'Polls Route 53 changes until all name servers have them',
  wokenBy: {
    queue: {
      name: 'insync',
      message: '`InsyncRequest`; sent with a delay',
      deadLetters: {
        severity: 'routine',
        says: 'It is not known whether a Route 53 change reached all name servers.',
        waits:
          'nobody knows whether a change reached all name servers; those keys do not become *next*',
        remedy: 'within a day',
      },
    },
    batchSize: 10,
    concurrency: 2,
  },
  tables: { publications: ['BatchGetItem', 'PutItem'], claims: ['BatchGetItem'] },
  sendsTo: ['insync'],
  putsEvents: true,
} as const satisfies FunctionDeclaration;
