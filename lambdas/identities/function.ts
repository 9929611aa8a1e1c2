import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'identities',
  description: 'Makes, polls and removes SES identities at one control call a second',
  wokenBy: {
    queue: {
      name: 'identity',
      fifo: true,
      message: '`IdentityRequest`; one message group',
      deadLetters: {
        severity: 'routine',
        says: 'The SES identity of a domain could not be made or removed.',
        waits: 'an SES identity was not made or removed; the domain stays `sending: preparing`',
        remedy: 'within a day',
      },
    },
    batchSize: 10,
  },
  timeout: 60,
  // For the last call and its note.
  reserve: 15,
  monitoring: { severity: 'routine' },
  tables: {
    claims: ['BatchGetItem'],
    identities: ['BatchGetItem', 'PutItem', 'DeleteItem'],
  },
  settings: ['DEPLOYMENT'],
  alarms: {
    Failed: {
      name: 'identity-failed',
      severity: 'routine',
      says: 'SES gave up verifying many domains within an hour.',
      counter: 'IdentityFailed',
      minutes: 60,
      threshold: 10,
    },
  },
} as const satisfies FunctionDeclaration;
