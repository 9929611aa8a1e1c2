import { createHash } from 'node:crypto';
import type { AuditEntry } from '../audit/entry.ts';
import type { RecordToChange } from '../records/records-to-change.ts';
import type { RecipientBatch, RecipientEvent } from './recipient-batch.ts';
import type { Claim } from './claim.ts';
import { auditEventData } from './events/audit.ts';
import { apiKeyChange, userChange, type AccountEventType } from './events/account.ts';
import { contactUnreached, lifecycleChanges, statusChanges } from './events/domain.ts';
import { rotationBlocked, keyChanges, prepared, signingHeld } from './events/keys.ts';
import type { Happening } from './events/kind.ts';
import type { DomainEventType, EventType } from './events/kinds.ts';
import { TEST_EVENT } from './events/webhooks.ts';
import {
  addressChanges,
  heldRecipients,
  recipientBatchChanges,
  suppressedRecipients,
} from './events/mail.ts';
import { policyChanges } from './events/policy.ts';
import { standingChange } from './events/sending.ts';
import type { DomainName, MessageId, PlatformId, TenantId } from './names.ts';
import type { Reputation, ReputationSubject, Standing } from './reputation.ts';
import type { SuspensionHold } from './tenant-state.ts';

/** A change of a tenant's resources. The service may deliver it twice, with the same id. */
export interface ServiceEvent {
  /** `evt_` and 32 hexadecimal digits; the same for the same happening. */
  readonly id: string;
  readonly type: EventType;
  readonly tenant: TenantId;
  /** ISO 8601. */
  readonly at: string;
  /** The event's subject and details; for `message.*` the message, for all others the domain. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event of a domain. */
export interface DomainEvent extends ServiceEvent {
  readonly type: DomainEventType;
  readonly data: ServiceEvent['data'] & { readonly domain: DomainName };
}

/** Whose an event is: of its own webhooks a platform gets events too, as if it were a tenant. */
type EventOwner = TenantId | PlatformId;

type Subject = Pick<Claim, 'tenant' | 'domain' | 'label'>;
type Mail = { readonly tenant: TenantId; readonly id: MessageId };

/**
 * Returns the events of a claim's change, in the order of a day's story: created, deleted or
 * restored, expiring or expired, a new status and its reason, keys, and the DMARC policy.
 *
 * @param before undefined where the claim is new, or retired
 */
export const claimEvents = (before: Claim | undefined, after: Claim): DomainEvent[] =>
  [
    ...lifecycleChanges(before, after),
    ...(isRetired(after) ? [] : statusChanges(before, after)),
    ...(before === undefined
      ? []
      : [...keyChanges(before, after), ...policyChanges(before, after)]),
  ].map((happening) => eventOf(after, happening));

const isRetired = ({ lifecycle }: Claim): boolean =>
  lifecycle === 'tombstone' || lifecycle === 'expired';

/**
 * Reports that all hosted records of a claim are on all name servers for the first time.
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

/** A mail to the contact of a claim's domain did not arrive. */
export const contactUnreachedEvent = (
  claim: Subject,
  contact: Parameters<typeof contactUnreached>[0],
  mail: Parameters<typeof contactUnreached>[1],
): DomainEvent => eventOf(claim, contactUnreached(contact, mail));

/** Mail of a claim waits, since no key is in its DNS. */
export const signingHeldEvent = (
  claim: Subject,
  why: Parameters<typeof signingHeld>[0],
): DomainEvent => eventOf(claim, signingHeld(why));

/**
 * Asks the customer of a claim which hosts its keys itself to change a record, with the new value
 * and the deadline.
 */
export const preparedEvent = (claim: Subject, record: RecordToChange): DomainEvent =>
  eventOf(claim, prepared(record));

/** Turns one SES event of a message into an event for each of its addresses. */
export const messageEvents = (
  mail: Mail,
  event: Pick<RecipientEvent, 'state' | 'addresses' | 'at' | 'detail'>,
): ServiceEvent[] => addressChanges(mail.id, event).map((change) => mailEventOf(mail, change));

/**
 * Returns the events of a refused or unclear recipient batch: one for each recipient without a
 * later SES event. A recipient batch in any other state has none.
 */
export const recipientBatchEvents = (mail: Mail, recipientBatch: RecipientBatch): ServiceEvent[] =>
  recipientBatchChanges(mail.id, recipientBatch).map((change) => mailEventOf(mail, change));

/** Returns the events of a mail that a suspension holds, one for each recipient that still waits. */
export const messageHeldEvents = (
  mail: Mail,
  recipientBatch: RecipientBatch,
  hold: SuspensionHold,
): ServiceEvent[] =>
  heldRecipients(mail.id, recipientBatch, hold).map((change) => mailEventOf(mail, change));

/** Returns the events of a mail for its recipients that are on the suppression list. */
export const messageSuppressedEvents = (
  mail: Mail & { readonly createdAt: string },
  recipientBatch: RecipientBatch,
): ServiceEvent[] =>
  suppressedRecipients(mail.id, recipientBatch, mail.createdAt).map((change) =>
    mailEventOf(mail, change),
  );

/** The change of a sender's standing. @param at ISO 8601 */
export const standingEvent = (
  subject: ReputationSubject,
  reputation: Reputation,
  to: Standing,
  at: string,
): ServiceEvent => {
  const { type, data, parts = [] } = standingChange(subject, reputation, to, at);
  const { tenant } = subject;
  return { id: eventId(tenant, type, ...parts), type, tenant, at, data };
};

/** An API key of a tenant was made or revoked. @param at ISO 8601 */
export const apiKeyEvent = (
  tenant: TenantId,
  ...change: Parameters<typeof apiKeyChange>
): ServiceEvent => accountEventOf(tenant, apiKeyChange(...change));

/** A user of a tenant was invited or removed. @param at ISO 8601 */
export const userEvent = (
  tenant: TenantId,
  ...change: Parameters<typeof userChange>
): ServiceEvent => accountEventOf(tenant, userChange(...change));

/** An endpoint is switched off; the same event however often it is decided. @param at ISO 8601 */
export const switchedOffEvent = (
  { id, tenant, url }: { readonly id: string; readonly tenant: EventOwner; readonly url: string },
  { since, reason }: { readonly since: string; readonly reason: string },
  at: string,
): ServiceEvent => ({
  id: eventId(id, 'webhook.switched_off', since),
  type: 'webhook.switched_off',
  tenant: tenant as TenantId,
  at,
  data: { webhook: id, url, reason, since },
});

/**
 * The event by which a tenant tries an endpoint.
 *
 * @param random distinguishes it from others
 */
export const testEvent = (
  { id, tenant }: { readonly id: string; readonly tenant: EventOwner },
  random: Uint8Array,
  at: string,
): ServiceEvent => ({
  id: eventId(id, TEST_EVENT, Buffer.from(random).toString('hex')),
  type: TEST_EVENT,
  tenant: tenant as TenantId,
  at,
  data: { webhook: id },
});

/** An entry of the audit log was sealed. @param isPersonal true if its subject is a person's address */
export const auditEvent = (entry: AuditEntry, isPersonal: boolean): ServiceEvent => ({
  id: eventId(entry.owner, 'audit.recorded', entry.id),
  type: 'audit.recorded',
  tenant: entry.owner as TenantId,
  at: entry.at,
  data: auditEventData(entry, isPersonal),
});

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

const accountEventOf = (
  tenant: TenantId,
  { type, at, data, parts = [] }: Happening<AccountEventType>,
): ServiceEvent => ({ id: eventId(tenant, type, ...parts), type, tenant, at, data });

const mailEventOf = (
  { tenant, id }: Mail,
  { type, at, data, parts = [] }: Happening<EventType>,
): ServiceEvent => ({ id: eventId(id, type, ...parts), type, tenant, at, data });

const eventId = (...parts: readonly string[]): string =>
  `evt_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
