import { pages } from '#shared/async/page.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { HeldMessages } from '../ports/held-messages.ts';
import { byTenant, type OutboundRequest, type Queue } from '../ports/queues.ts';

export interface ReleasePorts {
  readonly heldMessages: Pick<HeldMessages, 'list' | 'forget'>;
  readonly outbound: Queue<OutboundRequest>;
}

/**
 * Queues the held mails of a tenant, oldest first, for the signer to send, refuse or hold again by
 * the tenant's state. May be interrupted at any time, and done again: a mail is queued before it
 * leaves the list, and the signer sends nothing twice.
 *
 * @returns the number of mails
 */
export async function releaseHeld(
  { heldMessages, outbound }: ReleasePorts,
  tenant: TenantId,
): Promise<number> {
  let count = 0;
  for await (const { messages } of pages(({ cursor }) => heldMessages.list(tenant, cursor))) {
    await outbound.send(
      messages.map(({ id }) => ({ tenant, id })),
      byTenant,
    );
    await heldMessages.forget(messages);
    count += messages.length;
  }
  return count;
}
