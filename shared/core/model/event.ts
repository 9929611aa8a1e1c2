import { createHash } from 'node:crypto';
import type { RecordToChange } from '../records/records-to-change.ts';
import type { RecipientBatch, RecipientEvent } from './recipient-batch.ts';
import type { Claim } from './claim.ts';
import { lifecycleChanges, statusChanges } from './events/domain.ts';
import { rotationBlocked, keyChanges, prepared } from './events/keys.ts';
import type { Happening } from './events/kind.ts';
import type { DomainEventType, EventType } from './events/kinds.ts';
import { addressChanges, recipientBatchChanges } from './events/mail.ts';
import { policyChanges } from './events/policy.ts';
import type { DomainName, MessageId, TenantId } from './names.ts';

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

type Subject = Pick<Claim, 'tenant' | 'domain' | 'label'>;
type Mail = { readonly tenant: TenantId; readonly id: MessageId };

/**
 * What a change of a claim is to tell, in the order of a day's story: that it was made, deleted or
 * brought back, a status that it came to have and why, keys, and the DMARC policy.
 *
 * @param before undefined where the claim is new
 */
export const claimEvents = (before: Claim | undefined, after: Claim): DomainEvent[] =>
  [
    ...lifecycleChanges(before, after),
    ...statusChanges(before, after),
    ...(before === undefined
      ? []
      : [...keyChanges(before, after), ...policyChanges(before, after)]),
  ].map((happening) => eventOf(after, happening));

/**
 * That all of what is hosted for a claim is on all name servers for the first time.
 *
 * @param at when it was handed to them, ISO 8601
 */
export const publishedEvent = (claim: Claim, at: string): DomainEvent =>
  eventOf(claim, { type: 'domain.published', at, data: {} });

/**
 * A rotation that waits for something else to change.
 *
 * @param why with since when it waits for this, ISO 8601
 */
export const rotationBlockedEvent = (
  claim: Subject,
  why: Parameters<typeof rotationBlocked>[0],
): DomainEvent => eventOf(claim, rotationBlocked(why));

/** That the customer of a claim which hosts its keys itself is to change a record, to what, and by when. */
export const preparedEvent = (claim: Subject, record: RecordToChange): DomainEvent =>
  eventOf(claim, prepared(record));

/** What one SES event says of a message, as an event for each of its addresses. */
export const messageEvents = (
  mail: Mail,
  event: Pick<RecipientEvent, 'state' | 'addresses' | 'at' | 'detail'>,
): ServiceEvent[] => addressChanges(mail.id, event).map((change) => mailEventOf(mail, change));

/**
 * What a recipient batch that was refused, or whose attempt is unclear, is to tell: an event for each of its
 * recipients of whom no event of SES told more. None of a recipient batch in any other state.
 */
export const recipientBatchEvents = (mail: Mail, recipientBatch: RecipientBatch): ServiceEvent[] =>
  recipientBatchChanges(mail.id, recipientBatch).map((change) => mailEventOf(mail, change));

const eventOf = (
  { tenant, domain, label }: Subject,
  { type, at, data, parts = [] }: Happening<DomainEventType>,
): DomainEvent => ({
  id: eventId(label, type, ...parts, at),
  type,
  tenant,
  at,
  data: { domain, ...data },
});

const mailEventOf = (
  { tenant, id }: Mail,
  { type, at, data, parts = [] }: Happening<EventType>,
): ServiceEvent => ({ id: eventId(id, type, ...parts), type, tenant, at, data });

const eventId = (...parts: readonly string[]): string =>
  `evt_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
