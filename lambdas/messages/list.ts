import type { MessagePage } from '#shared/api/routes/messages.ts';
import { parseDomainName, type TenantId } from '#shared/core/model/names.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import { messageSummaryOf } from './document.ts';

export interface ListQuery {
  readonly tenant: TenantId;
  /** As it was asked for. */
  readonly domain: string;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * A page of a tenant's messages from a domain, newest first. The domain need not be the tenant's any
 * more, or ever have been: the messages are.
 *
 * @throws Refusal `domain-invalid`, `invalid-cursor`
 */
export async function listMessages(
  messages: Pick<MessageStore, 'recent' | 'get'>,
  { tenant, domain, cursor, limit }: ListQuery,
): Promise<MessagePage> {
  const page = await messages.recent(
    { tenant, domain: parseDomainName(domain) },
    { limit, ...(cursor === undefined ? {} : { cursor }) },
  );
  const stored = await Promise.all(page.ids.map((id) => messages.get(tenant, id)));
  return {
    // One may have expired since it was listed.
    messages: stored.flatMap((one) => (one === undefined ? [] : [messageSummaryOf(one)])),
    cursor: page.cursor ?? null,
  };
}
