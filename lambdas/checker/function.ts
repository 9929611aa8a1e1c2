import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'checker',
  description: 'Resolves what a customer published and moves the claim to its status',
  callsBeside: 'DNS',
  wokenBy: {
    queue: {
      name: 'check',
      message: '`CheckRequest`',
      deadLetters: {
        severity: 'routine',
        says: 'A domain could not be checked; its status may be out of date.',
        waits: 'a check; the planner queues it again when its lease ends',
        remedy: 'when you can',
      },
    },
    batchSize: 10,
    concurrency: 20,
  },
  timeout: 60,
  memory: 512,
  tables: {
    claims: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    identities: ['BatchGetItem'],
    checks: ['GetItem', 'UpdateItem', 'DeleteItem'],
    audit: ['PutItem'],
  },
  sendsTo: ['check', 'delegations', 'identities', 'rotation'],
  settings: ['DEPLOYMENT', 'PENDING_DAYS', 'RESOLVERS', 'AUTHORITATIVE_PORT'],
  alarms: {
    AtRisk: {
      name: 'claims-at-risk',
      severity: 'urgent',
      says: 'Many domains broke within an hour, which points at our DNS rather than at theirs.',
      counter: 'ClaimsAtRisk',
      minutes: 60,
      threshold: 20,
    },
  },
} as const satisfies FunctionDeclaration;
