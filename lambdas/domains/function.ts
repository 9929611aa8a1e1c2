import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'domains',
  description: 'The routes about domains, and the answer to unknown routes',
  callsBeside:
    'DNS; https to DNS providers. KMS Sign where Domain Connect is on, by the policy of its key',
  wokenBy: { api: true },
  timeout: 29,
  memory: 1024,
  monitoring: { severity: 'urgent', errors: 5 },
  tables: {
    claims: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    publications: ['BatchGetItem'],
    checks: ['GetItem', 'BatchGetItem', 'UpdateItem', 'DeleteItem'],
    identities: ['GetItem', 'BatchGetItem'],
    reports: ['Query'],
    events: ['Query'],
    flattenings: ['PutItem', 'Query'],
    disclosures: ['Query', 'PutItem', 'DeleteItem'],
    revokedKeys: ['BatchGetItem', 'PutItem'],
    rotations: ['BatchGetItem', 'PutItem', 'DeleteItem'],
  },
  sendsTo: ['identity', 'check', 'rotation'],
  wrappingKey: ['GenerateDataKeyPairWithoutPlaintext'],
  settings: [
    'DEPLOYMENT',
    'DOMAIN_CONNECT',
    'ROLL_OUT',
    'KEY_DISCLOSURE',
    'RESOLVERS',
    'AUTHORITATIVE_PORT',
  ],
} as const satisfies FunctionDeclaration;
