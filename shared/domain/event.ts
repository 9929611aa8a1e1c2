import { createHash } from 'node:crypto';
import type { Claim, ClaimStatus } from './claim.ts';
import { currentKey } from './key-ring.ts';
import type { RecipientEvent } from './chunk.ts';
import type { DomainName, MessageId, TenantId } from './names.ts';

/** Every kind of event; tenants choose among them by name. */
export const eventTypes = [
  'domain.verified',
  'domain.at_risk',
  'domain.lost',
  'domain.rotated',
  'rotation.held_back',
  'message.sent',
  'message.delivered',
  'message.delayed',
  'message.soft_bounced',
  'message.bounced',
  'message.complained',
  'message.rejected',
] as const;

export type EventType = (typeof eventTypes)[number];

/** Something that happened to what a tenant has. It may be told twice, with the same id. */
export interface ServiceEvent {
  /** `evt_` and 32 hexadecimal digits; the same for the same happening. */
  readonly id: string;
  readonly type: EventType;
  readonly tenant: TenantId;
  /** ISO 8601. */
  readonly at: string;
  /** What is told beside; for `domain.*` the domain, for `message.*` the message. */
  readonly data: Readonly<Record<string, unknown>>;
}

const statusEvents: Partial<Record<ClaimStatus, EventType>> = {
  verified: 'domain.verified',
  'at-risk': 'domain.at_risk',
  lost: 'domain.lost',
};

/**
 * What a change of a claim is to tell: a status that it came to have, and another key that signs.
 *
 * @param before undefined where the claim is new
 */
export function claimEvents(before: Claim | undefined, after: Claim): ServiceEvent[] {
  const { tenant, domain, label, status, statusSince, keys } = after;
  const events: ServiceEvent[] = [];
  const type = statusEvents[status];
  if (type !== undefined && (before?.status !== status || before.statusSince !== statusSince)) {
    const was = before?.status ?? 'pending';
    events.push({
      id: eventId(label, type, statusSince),
      type,
      tenant,
      at: statusSince,
      data: { domain, status, previousStatus: was },
    });
  }
  const [was, is] = [before && currentKey(before.keys), currentKey(keys)];
  if (was !== undefined && is !== undefined && was.id !== is.id) {
    const at = is.since ?? statusSince;
    events.push({
      id: eventId(label, 'domain.rotated', is.id, at),
      type: 'domain.rotated',
      tenant,
      at,
      data: { domain, selector: is.selector, previousSelector: was.selector },
    });
  }
  return events;
}

/** What one SES event says of a message, as an event for each of its addresses. */
export function messageEvents(
  { tenant, id }: { readonly tenant: TenantId; readonly id: MessageId },
  { state, addresses, at, detail }: Pick<RecipientEvent, 'state' | 'addresses' | 'at' | 'detail'>,
): ServiceEvent[] {
  const type = `message.${state.replace('-', '_')}` as EventType;
  return addresses.map((recipient) => ({
    id: eventId(id, type, recipient.toLowerCase(), at),
    type,
    tenant,
    at,
    data: { message: id, recipient, ...(detail === undefined ? {} : { detail }) },
  }));
}

/**
 * A rotation that waits for something else to change.
 *
 * @param since since when it waits for this, ISO 8601
 */
export const heldBackEvent = (
  { tenant, domain, label }: Pick<Claim, 'tenant' | 'domain' | 'label'>,
  { reason, detail, since }: { reason: string; detail: string; since: string },
): ServiceEvent => ({
  id: eventId(label, 'rotation.held_back', reason, since),
  type: 'rotation.held_back',
  tenant,
  at: since,
  data: { domain: domain satisfies DomainName, reason, detail },
});

const eventId = (...parts: readonly string[]): string =>
  `evt_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
