import { transact, type documentClient } from '#shared/adapters/aws/dynamo.ts';
import { Personal } from '#shared/core/audit/personal.ts';
import type { Change } from '#shared/core/audit/entry.ts';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { operatorTrail } from '../operator-trail.ts';

/**
 * Writes into the audit logs of tenants what an operator reads of theirs, or runs on it. It comes
 * before anything is shown: what cannot be noted is not read.
 */
export type NoteReads = (reads: readonly Change[]) => Promise<void>;

/** Writes of one transaction, at most. */
const MOST_WRITES = 100;

/**
 * @param table the name of the table `audit`
 * @param operation the command: `npm run ops -- messages`
 */
export function noteReadsIn(
  client: ReturnType<typeof documentClient>,
  table: string,
  operation: string,
): NoteReads {
  const trail = operatorTrail(table, operation);
  return async (reads) => {
    for (const some of slicesOf(trail.entriesOf(...reads), MOST_WRITES)) {
      await transact(client, 'the audit log', some);
    }
  };
}

export const domainRead = (tenant: TenantId, domain: DomainName): Change => ({
  owner: tenant,
  subject: 'domain',
  id: domain,
  verb: 'read',
});

/** A mail is read with its recipients. */
export const messageRead = (tenant: TenantId, id: MessageId): Change => ({
  owner: tenant,
  subject: 'message',
  id,
  verb: 'read',
});

/** The last mails of a domain, by what was shown of them. */
export const messagesFound = (
  tenant: TenantId,
  domain: DomainName,
  ids: readonly MessageId[],
): Change => ({ owner: tenant, subject: 'message', id: domain, after: { ids }, verb: 'read' });

export const messageRedriven = (tenant: TenantId, id: MessageId): Change => ({
  owner: tenant,
  subject: 'message',
  id,
  verb: 'run',
});

/** Whether an address is on the list, or the whole list. */
export const suppressionsRead = (
  tenant: TenantId,
  of: { readonly address: string } | { readonly count: number },
): Change => ({
  owner: tenant,
  subject: 'suppression',
  id: 'address' in of ? new Personal(of.address) : `${of.count} addresses`,
  verb: 'read',
});
