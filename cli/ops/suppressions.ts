import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoSuppressionStore } from '#shared/adapters/aws/suppression-store.ts';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Suppression } from '#shared/core/model/suppression.ts';
import { readArguments, UsageError } from '../command.ts';
import { operatorTrail } from '../operator-trail.ts';
import { noteReadsIn, suppressionsRead, type NoteReads } from './note-reads.ts';
import { print, targetOf, targetOptions, targetUsage } from './targets.ts';

const usage = `Usage: npm run ops -- suppressions --tenant ID [ADDRESS [--remove]] [--aws] [--state DIR] [--json]

Lists the addresses that a tenant's mail is not sent to, or says why one is on the list.

  --remove   takes the address off: the tenant's mail is sent to it again

The tenant's audit log says what you asked for.

${targetUsage}`;

/** @returns those of the tenant, all or the one address; what was removed, where it is to be */
export async function suppressionsOf(
  tenant: TenantId,
  {
    address,
    removes = false,
  }: { readonly address?: string | undefined; readonly removes?: boolean },
  {
    store,
    noteReads,
  }: {
    readonly store: Pick<SuppressionStore, 'get' | 'list' | 'remove'>;
    readonly noteReads: NoteReads;
  },
): Promise<Suppression[]> {
  if (address !== undefined) {
    // A removal leaves an entry of its own.
    if (!removes) await noteReads([suppressionsRead(tenant, { address })]);
    const found = await (removes ? store.remove(tenant, address) : store.get(tenant, address));
    return found === undefined ? [] : [found];
  }
  const all: Suppression[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list(tenant, { limit: 1000, cursor });
    all.push(...page.suppressions);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  await noteReads([suppressionsRead(tenant, { count: all.length })]);
  return all;
}

const lineOf = ({ address, reason, addedAt, detail = '' }: Suppression): string =>
  `${addedAt}  ${reason.padEnd(9)}  ${address}  ${detail}`;

/** `npm run ops -- suppressions`. */
export async function main(): Promise<void> {
  const { values, positionals } = readArguments(
    usage,
    { ...targetOptions, tenant: { type: 'string' }, remove: { type: 'boolean', default: false } },
    1,
  );
  const [address] = positionals;
  if (values.tenant === undefined || (values.remove && address === undefined)) {
    throw new UsageError(usage);
  }
  const { settings, client } = targetOf(values);
  const { suppressions, audit } = settings.tables;
  const command = 'npm run ops -- suppressions';
  const dynamo = documentClient(client);
  const store = dynamoSuppressionStore(dynamo, suppressions, operatorTrail(audit, command));
  const noteReads = noteReadsIn(dynamo, audit, command);
  const tenant = values.tenant as TenantId;
  const found = await suppressionsOf(
    tenant,
    { address, removes: values.remove },
    { store, noteReads },
  );
  print(found, values.json, (list) => {
    if (list.length === 0)
      return [address === undefined ? 'The list is empty.' : `${address} is not on the list.`];
    return [...(values.remove ? ['Removed:'] : []), ...list.map(lineOf)];
  });
}
