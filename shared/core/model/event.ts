import { createHash } from 'node:crypto';
import type { Claim, ClaimStatus } from './claim.ts';
import { currentKey } from './key-ring.ts';
import type { Chunk, RecipientEvent } from './chunk.ts';
import { recordsToChange, type RecordToChange } from '../records/records-to-change.ts';
import type { DomainName, KeyId, MessageId, TenantId } from './names.ts';

/** Every kind of event; tenants choose among them by name. */
export const eventTypes = [
  'domain.claimed',
  'domain.published',
  'domain.verified',
  'domain.at_risk',
  'domain.lost',
  'domain.deleted',
  'domain.restored',
  'domain.rotated',
  'key.revoked',
  'rotation.prepared',
  'rotation.held_back',
  'policy.changed',
  'policy.held',
  'message.sent',
  'message.delivered',
  'message.delayed',
  'message.soft_bounced',
  'message.bounced',
  'message.complained',
  'message.rejected',
  'message.refused',
  'message.unclear',
] as const;

export type EventType = (typeof eventTypes)[number];

/** About a domain rather than a mail. */
export type DomainEventType = Exclude<EventType, `message.${string}`>;

/** What the history of a domain consists of. */
export const domainEventTypes = eventTypes.filter(
  (type): type is DomainEventType => !type.startsWith('message.'),
);

/** Something that happened to what a tenant has. It may be told twice, with the same id. */
export interface ServiceEvent {
  /** `evt_` and 32 hexadecimal digits; the same for the same happening. */
  readonly id: string;
  readonly type: EventType;
  readonly tenant: TenantId;
  /** ISO 8601. */
  readonly at: string;
  /** What is told beside; for `message.*` the message, for all others the domain. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What happened to a domain. */
export interface DomainEvent extends ServiceEvent {
  readonly type: DomainEventType;
  readonly data: ServiceEvent['data'] & { readonly domain: DomainName };
}

/**
 * What a change of a claim is to tell, in the order of a day's story: that it was made, deleted or
 * brought back, a status that it came to have and why, keys, and the DMARC policy.
 *
 * @param before undefined where the claim is new
 */
export function claimEvents(before: Claim | undefined, after: Claim): DomainEvent[] {
  return [
    ...lifecycleEvents(before, after),
    ...statusEvents(before, after),
    ...(before === undefined ? [] : [...keyEvents(before, after), ...policyEvents(before, after)]),
  ];
}

/**
 * That all of what is hosted for a claim is on all name servers for the first time.
 *
 * @param at when it was handed to them, ISO 8601
 */
export const publishedEvent = (claim: Claim, at: string): DomainEvent =>
  eventOf(claim, 'domain.published', at, {});

function lifecycleEvents(before: Claim | undefined, after: Claim): DomainEvent[] {
  if (before === undefined) return [eventOf(after, 'domain.claimed', after.createdAt, {})];
  if (before.lifecycle === 'live' && after.lifecycle === 'deleting') {
    return [eventOf(after, 'domain.deleted', after.deletedAt ?? after.statusSince, {})];
  }
  if (before.lifecycle === 'deleting' && after.lifecycle === 'live') {
    return [eventOf(after, 'domain.restored', after.statusSince, {})];
  }
  return [];
}

const toldStatuses: Partial<Record<ClaimStatus, DomainEventType>> = {
  verified: 'domain.verified',
  'at-risk': 'domain.at_risk',
  lost: 'domain.lost',
};

function statusEvents(before: Claim | undefined, after: Claim): DomainEvent[] {
  const { status, statusSince, statusReason } = after;
  const type = toldStatuses[status];
  if (type === undefined) return [];
  if (before?.status === status && before.statusSince === statusSince) return [];
  const previousStatus = before?.status ?? 'pending';
  return [eventOf(after, type, statusSince, { status, previousStatus, ...statusReason })];
}

function keyEvents(before: Claim, after: Claim): DomainEvent[] {
  const known = new Set(recordsToChange(before).map(({ keyId }) => keyId));
  const events = [
    ...after.keys
      .filter((key) => key.state === 'revoked' && !isRevokedIn(before, key.id))
      .map(({ id, selector, since }) =>
        eventOf(after, 'key.revoked', since ?? after.statusSince, { selector, keyId: id }, id),
      ),
    ...recordsToChange(after)
      .filter(({ keyId }) => !known.has(keyId))
      .map((record) => preparedEvent(after, record)),
  ];
  const [was, is] = [currentKey(before.keys), currentKey(after.keys)];
  // After a compromise that left no key that signs, the one that takes over is told too.
  if (is === undefined || was?.id === is.id) return events;
  const at = is.since ?? after.statusSince;
  const data = { selector: is.selector, previousSelector: was?.selector ?? null };
  return [...events, eventOf(after, 'domain.rotated', at, data, is.id)];
}

const isRevokedIn = ({ keys }: Claim, id: KeyId): boolean =>
  keys.some((key) => key.id === id && key.state === 'revoked');

function policyEvents(before: Claim, after: Claim): DomainEvent[] {
  const known = new Set(before.policyHistory?.map(({ at, tag }) => `${at} ${tag}`));
  const events = (after.policyHistory ?? [])
    .filter(({ at, tag }) => !known.has(`${at} ${tag}`))
    .map(({ at, tag, from, to, why }) =>
      eventOf(after, 'policy.changed', at, { tag, from, to, why }, tag),
    );
  const held = after.rollOut?.held;
  if (held === undefined || held.since === before.rollOut?.held?.since) return events;
  return [...events, eventOf(after, 'policy.held', held.since, { why: held.why })];
}

/** @param parts what tells events of this type at the same time apart */
const eventOf = (
  { tenant, domain, label }: Pick<Claim, 'tenant' | 'domain' | 'label'>,
  type: DomainEventType,
  at: string,
  data: ServiceEvent['data'],
  ...parts: readonly string[]
): DomainEvent => ({
  id: eventId(label, type, ...parts, at),
  type,
  tenant,
  at,
  data: { domain, ...data },
});

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
 * What a chunk that was refused, or whose attempt is unclear, is to tell: an event for each of its
 * recipients of whom no event of SES told more. None of a chunk in any other state.
 */
export function chunkEvents(
  { tenant, id }: { readonly tenant: TenantId; readonly id: MessageId },
  chunk: Chunk,
): ServiceEvent[] {
  const { state, attempt, refusedAt, unclearSince, reason } = chunk;
  const at = { refused: refusedAt, unclear: unclearSince }[state as 'refused' | 'unclear'];
  if (at === undefined) return [];
  const type: EventType = state === 'refused' ? 'message.refused' : 'message.unclear';
  return chunk.recipients
    .filter((recipient) => recipient.state === 'accepted')
    .map(({ address }) => ({
      id: eventId(id, type, address.toLowerCase(), String(attempt)),
      type,
      tenant,
      at,
      data: {
        message: id,
        recipient: address,
        ...(reason === undefined ? {} : { detail: reason }),
      },
    }));
}

/**
 * A rotation that waits for something else to change.
 *
 * @param since since when it waits for this, ISO 8601
 */
export const heldBackEvent = (
  claim: Pick<Claim, 'tenant' | 'domain' | 'label'>,
  { reason, detail, since }: { reason: string; detail: string; since: string },
): DomainEvent => eventOf(claim, 'rotation.held_back', since, { reason, detail }, reason);

/** That the customer of a claim which hosts its keys itself is to change a record, to what, and by when. */
export const preparedEvent = (
  claim: Pick<Claim, 'tenant' | 'domain' | 'label'>,
  { since, keyId, ...record }: RecordToChange,
): DomainEvent =>
  eventOf(claim, 'rotation.prepared', since, { keyId, type: 'TXT', ...record }, keyId);

const eventId = (...parts: readonly string[]): string =>
  `evt_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
