import type { AuditEntry } from '#shared/core/audit/entry.ts';
import type { EventKind } from './kind.ts';

/** Events of the audit log. */
export const auditKinds = {
  'audit.recorded': {
    title: 'Something was changed: an entry of the audit log',
    happened:
      'an entry of the audit log was sealed; `entry` is its id, with `verb`, `subject`, `subjectId` (null where it is personal), `actor` and `operation`',
  },
} as const satisfies Record<`audit.${string}`, EventKind>;

/** What the event has of an entry: nothing personal, which could not be erased where it was sent. */
export const auditEventData = (
  { id, verb, subject, subjectId, actor, operation }: AuditEntry,
  isPersonal: boolean,
): Readonly<Record<string, unknown>> => ({
  entry: id,
  verb,
  subject,
  subjectId: isPersonal ? null : subjectId,
  actor,
  operation,
});
