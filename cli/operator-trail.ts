import { randomBytes, randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { dynamoAuditTrail, type AuditTrail } from '#shared/adapters/aws/audit-trail.ts';
import type { Actor } from '#shared/core/audit/entry.ts';

/**
 * Who runs a command, for the audit log: by the name on this computer. CloudTrail has whose AWS
 * credentials they were.
 *
 * @param operation the command: `npm run tenant -- revoke`
 */
export const operatorActor = (operation: string): Actor => ({
  kind: 'operator',
  id: userInfo().username,
  operation,
  requestId: randomUUID(),
});

/** The command as it was typed, without what it is about: `npm run tenant -- revoke`. */
export function typedCommand([, script = '', ...given] = process.argv): string {
  const [, name = script] = /(\w[\w-]*)\.ts$/.exec(script) ?? [];
  const command = given.filter((one) => /^[a-z-]+$/.test(one)).slice(0, 1);
  return ['npm run', name, ...(command.length === 0 ? [] : ['--', ...command])].join(' ');
}

/**
 * The audit trail of an operator's command.
 *
 * @param table the name of the table `audit`
 * @param operation the command; default: as it was typed
 */
export const operatorTrail = (table: string, operation = typedCommand()): AuditTrail => {
  const actor = operatorActor(operation);
  return dynamoAuditTrail(table, {
    actor: () => actor,
    now: () => new Date(),
    random: randomBytes,
  });
};
