import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'announcer',
  folder: 'event-publisher',
  description: 'Tells changes of domains as events',
  wokenBy: {
    stream: 'claims',
    batchSize: 100,
    failures: {
      severity: 'routine',
      says: 'Changes of some domains were not told as events.',
      waits:
        'a pointer to changes of claims whose events were not published (gone after 24 h); tenants see the status all the same',
      remedy: 'when you can',
    },
  },
  putsEvents: true,
} as const satisfies FunctionDeclaration;
