import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'importer',
  description: 'Claims the domains of an import, row by row, as fast as SES gives values',
  callsBeside: 'DNS',
  wokenBy: {
    queue: {
      name: 'imports',
      message: '`ImportRequest` (`shared/app/ports/import-requests.ts`); sent again until the end',
      deadLetters: {
        severity: 'routine',
        says: 'An import came to a halt.',
        waits: 'the rows of an import that were not worked on; what was claimed stays claimed',
        remedy: 'within a day, once the reason is gone: send the messages back (redrive)',
      },
    },
    batchSize: 1,
    concurrency: 5,
  },
  timeout: 60,
  // For the row that was begun, and its note.
  reserve: 25,
  memory: 512,
  tables: {
    claims: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    checks: ['UpdateItem'],
    identities: ['BatchGetItem'],
    platforms: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    tenants: ['BatchGetItem', 'PutItem'],
    webhooks: ['PutItem'],
    budgets: ['GetItem', 'UpdateItem'],
    audit: ['PutItem'],
  },
  sendsTo: ['imports'],
  wrappingKey: ['GenerateDataKeyPairWithoutPlaintext'],
  settings: [
    'DEPLOYMENT',
    'BUDGET_LIMITS',
    'OFFERS_DOMAIN_CONNECT',
    'RESOLVERS',
    'AUTHORITATIVE_PORT',
  ],
} as const satisfies FunctionDeclaration;
