import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'rotation-worker',
  description: 'Rotates, mends and revokes the keys of claims',
  callsBeside: 'DNS',
  wokenBy: {
    queue: {
      name: 'rotation',
      message: '`RotationRequest` (`shared/app/ports/rotation-requests.ts`); sent with a delay',
      deadLetters: {
        severity: 'urgent',
        says: 'Claims were not rotated, mended or revoked: the worker failed on them five times.',
        waits:
          'claims to be rotated, repaired or revoked; the run waits for its batches, and a key in an emergency may still be in use',
        remedy: 'now',
      },
    },
    batchSize: 1,
    // The common rate bounds their work, so two would keep it up; the others read the next batches
    // meanwhile, and emergencies.
    concurrency: 5,
  },
  timeout: 180,
  memory: 512,
  monitoring: { severity: 'urgent' },
  tables: {
    claims: ['BatchGetItem', 'PutItem'],
    publications: ['BatchGetItem'],
    disclosures: ['PutItem'],
    revokedKeys: ['BatchGetItem', 'PutItem'],
    rotations: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    checks: ['UpdateItem'],
    audit: ['PutItem'],
  },
  sendsTo: ['rotation'],
  wrappingKey: ['GenerateDataKeyPairWithoutPlaintext'],
  putsEvents: true,
  settings: ['ROTATIONS_PER_SECOND', 'KEY_DISCLOSURE', 'RESOLVERS', 'AUTHORITATIVE_PORT'],
  alarms: {
    Unpublished: {
      name: 'keys-unpublished',
      severity: 'routine',
      says: 'The DNS of many domains led to none of their keys within an hour, and their mail waits.',
      counter: 'KeysUnpublished',
      minutes: 60,
      threshold: 20,
    },
    Paused: {
      name: 'signing-paused',
      severity: 'urgent',
      says: 'A domain has no key that may sign, and its mail waits.',
      counter: 'SigningPaused',
      minutes: 5,
    },
  },
} as const satisfies FunctionDeclaration;
