import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';

export default {
  name: 'audit-anchor',
  description: "Writes the heads of the audit log's chains into the bucket that nobody can change",
  wokenBy: {
    schedules: { Hourly: { every: 'hour', expression: 'rate(1 hour)' } },
    failures: {
      severity: 'routine',
      says: "The heads of the audit log's chains were not written into their bucket.",
      waits: 'a call of the schedule; the next one, an hour later, writes what is missing',
      remedy: 'nothing, if the next hour went well; else see its log',
    },
  },
  timeout: 300,
  tables: { auditSeals: ['Query', 'UpdateItem'] },
  settings: ['AUDIT_BUCKET'],
} as const satisfies FunctionDeclaration;
