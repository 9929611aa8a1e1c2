import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'identities',
  description: 'Makes, polls and removes SES identities at one control call a second',
  wokenBy: {
    queue: {
      name: 'identities',
      message: '`IdentityRequest`; the tenant is the message group',
      deadLetters: {
        severity: 'routine',
        says: 'A message about an SES identity could not be read, or was lost to crashes.',
        waits:
          'a turn of a claim at SES; its next check, or the identity planner, asks for another',
        remedy: 'within a day',
      },
    },
    // What is taken is not shared out any more: a batch of ten would be ten turns of one tenant.
    batchSize: 7,
    // The fewest that a queue takes; SES's rate is kept by turns that all of them share.
    concurrency: 2,
    formerQueue: {
      name: 'identity',
      fifo: true,
      message: '`IdentityRequest` of release 0.2; empty since',
      deadLetters: {
        severity: 'routine',
        says: 'The SES identity of a domain could not be made or removed.',
        waits: 'an SES identity was not made or removed; the domain stays `sending: preparing`',
        remedy: 'within a day',
      },
    },
  },
  timeout: 60,
  // For the last call and its note.
  reserve: 15,
  tables: {
    claims: ['BatchGetItem'],
    identities: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
  },
  sendsTo: ['identities'],
  putsEvents: true,
  settings: ['DEPLOYMENT', 'DEPLOYMENT_NAME', 'IDENTITY_QUOTA'],
  alarms: {
    Failed: {
      name: 'identity-failed',
      severity: 'routine',
      says: 'SES gave up verifying many domains within an hour.',
      counter: 'IdentityFailed',
      minutes: 60,
      threshold: 10,
    },
    Foreign: {
      name: 'identity-foreign',
      severity: 'routine',
      says: 'A domain was claimed whose SES identity this service did not make; it stays untouched.',
      counter: 'IdentityForeign',
      minutes: 5,
    },
    QuotaFull: {
      name: 'identity-quota-full',
      severity: 'urgent',
      says: 'SES has no room for further identities; new domains wait.',
      counter: 'IdentityQuotaFull',
      minutes: 5,
    },
    Failing: {
      name: 'identity-failing',
      severity: 'routine',
      says: 'SES calls about a domain have failed for five minutes.',
      counter: 'IdentityFailing',
      minutes: 60,
    },
  },
} as const satisfies FunctionDeclaration;
