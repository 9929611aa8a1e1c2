import { randomBytes } from 'node:crypto';
import { dynamoAuditTrail, type AuditTrail } from '#shared/adapters/aws/audit-trail.ts';
import type { Actor } from '#shared/core/audit/entry.ts';

/** Who makes changes where a test says nothing else. */
export const givenActor: Actor = {
  kind: 'operator',
  id: 'tester',
  operation: 'a test',
  requestId: 'request-1',
  address: '192.0.2.7',
  userAgent: 'tests/1.0',
};

/** The audit trail of a test, on the table `audit`. */
export const givenTrail = (table: string, actor: Actor = givenActor): AuditTrail =>
  dynamoAuditTrail(table, { actor: () => actor, now: () => new Date(), random: randomBytes });
