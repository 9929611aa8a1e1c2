import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'ses-events',
  description: 'Takes what SES says of a mail to the status of its message',
  wokenBy: {
    queue: {
      name: 'ses-events',
      message:
        'a call by SNS that failed, with one event of SES; or that event itself, of release 0.2. SES puts the events of its configuration set on the topic',
      undelivered: {
        severity: 'routine',
        says: 'SNS could not hand events of SES to their function.',
        waits: 'an event of SES that SNS could not deliver',
        remedy: 'within a day: until then statuses are out of date',
      },
      deadLetters: {
        severity: 'routine',
        says: 'An event of SES did not reach the status of its message.',
        waits: "an event that did not reach its message's status",
        remedy: 'within a day: an unclear send waits for it',
      },
    },
    batchSize: 10,
    topic: true,
  },
  tables: {
    messages: ['GetItem', 'UpdateItem'],
    suppressions: ['PutItem'],
    reputations: ['UpdateItem'],
    webhooks: ['Query'],
    audit: ['PutItem'],
  },
  settings: ['REPUTATION', 'MAIL_EVENTS'],
  putsEvents: true,
  alarms: {
    Paused: {
      name: 'sending-paused',
      severity: 'urgent',
      says: 'So much mail of a tenant bounced or was complained about that its sending is paused.',
      counter: 'SendingPaused',
      minutes: 5,
      threshold: 1,
    },
  },
} as const satisfies FunctionDeclaration;
