import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'historian',
  folder: 'event-log',
  description: 'Notes events in the histories of their domains',
  wokenBy: {
    queue: {
      name: 'history',
      message: 'an event about a domain, as EventBridge has it',
      events: {
        rule: 'ToHistory',
        description: 'Events about domains, for their histories',
        exceptTypes: 'message.',
      },
      undelivered: {
        severity: 'routine',
        says: 'EventBridge could not put events on the queue of the history.',
        waits: 'an event that is missing in the history of its domain; nothing else depends on it',
        remedy: 'when you can',
      },
      deadLetters: {
        severity: 'routine',
        says: 'An event is missing in the history of its domain.',
        waits: 'an event that is missing in the history of its domain; nothing else depends on it',
        remedy: 'when you can',
      },
    },
    batchSize: 10,
  },
  tables: { events: ['PutItem'] },
} as const satisfies FunctionDeclaration;
