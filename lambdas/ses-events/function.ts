import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'ses-events',
  description: 'Takes what SES says of a mail to the status of its message',
  wokenBy: {
    queue: {
      name: 'ses-events',
      undelivered: {
        severity: 'routine',
        article: 'ses-events-undelivered',
        says: 'SNS could not put events of SES on their queue.',
      },
      deadLetters: {
        severity: 'routine',
        says: 'An event of SES did not reach the status of its message.',
      },
    },
    batchSize: 10,
  },
  monitoring: { severity: 'routine' },
  tables: { messages: ['GetItem', 'UpdateItem'] },
  putsEvents: true,
} as const satisfies FunctionDeclaration;
