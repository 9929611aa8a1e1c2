import type { EventPage } from '#shared/api/routes/events.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { summaryOf } from '#shared/core/model/events/kinds.ts';
import type { DomainPorts } from './ports.ts';

/** A page of what happened to a tenant's domain, newest first. @throws Refusal `invalid-cursor` */
export async function listEvents(
  { tenant, domain }: Claim,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  { history }: Pick<DomainPorts, 'history'>,
): Promise<EventPage> {
  const page = await history.of(
    { tenant, domain },
    { limit, ...(cursor === undefined ? {} : { cursor }) },
  );
  const events = page.events.map((event) => {
    const { id, type, at, data } = event;
    return { id, type, at, summary: summaryOf(event), data: { ...data } };
  });
  return { events, cursor: page.cursor ?? null };
}
