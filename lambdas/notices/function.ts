import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'notices',
  description: 'Mails what needs somebody to whom tenants name',
  wokenBy: {
    queue: {
      name: 'notice',
      message: 'an event as EventBridge has it, or `NoticeRequest` sent with a delay',
      events: {
        rule: 'ToNotices',
        description: 'Events about domains and accounts, for the people whom tenants name',
        exceptTypes: 'message.',
      },
      undelivered: {
        severity: 'routine',
        says: 'EventBridge could not put events on the queue of the notices.',
        waits: 'an event that nobody was mailed of; webhooks and histories have it all the same',
        remedy: 'within a day: send the bodies to `<name>-notice`',
      },
      deadLetters: {
        severity: 'routine',
        says: 'A notice could not be mailed.',
        waits:
          'an event, or a batch of them, that nobody was mailed of; mostly the account of `handOver` may not send',
        remedy: 'within a day: let the account send, then redrive; nobody is mailed twice',
      },
    },
    batchSize: 10,
    concurrency: 2,
  },
  timeout: 60,
  memory: 512,
  tables: {
    notices: ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'ConditionCheckItem'],
    tenants: ['GetItem'],
    claims: ['GetItem', 'BatchGetItem'],
    messages: ['GetItem', 'Query', 'PutItem'],
    suppressions: ['BatchGetItem'],
    budgets: ['GetItem', 'UpdateItem'],
  },
  sendsTo: ['notice', 'outbound'],
  settings: ['HAND_OVER', 'MAIL_BUCKET', 'BUDGET_LIMITS', 'DASHBOARD_URL'],
  optionalSettings: ['UNSIGNED_ALLOWED'],
} as const satisfies FunctionDeclaration;
