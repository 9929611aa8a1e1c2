import type { Scope } from '../scopes.ts';
import { auditKinds } from './audit.ts';
import { accountKinds } from './account.ts';
import { domainKinds } from './domain.ts';
import { keyKinds } from './keys.ts';
import { mailKinds } from './mail.ts';
import type { DomainEventKind, EventKind } from './kind.ts';
import { policyKinds } from './policy.ts';
import { sendingKinds } from './sending.ts';
import { TEST_EVENT, webhookKinds } from './webhooks.ts';

const ofDomains = { ...domainKinds, ...keyKinds, ...policyKinds };

/** About a domain rather than a mail. */
export type DomainEventType = keyof typeof ofDomains;

/** Every kind of event about a domain. */
export const domainEventKinds: Readonly<Record<DomainEventType, DomainEventKind>> = ofDomains;

export type EventType =
  | DomainEventType
  | keyof typeof mailKinds
  | keyof typeof sendingKinds
  | keyof typeof accountKinds
  | keyof typeof webhookKinds
  | keyof typeof auditKinds;

/** Every kind of event; tenants choose among them by name. */
export const eventKinds: Readonly<Record<EventType, EventKind>> = {
  ...ofDomains,
  ...mailKinds,
  ...sendingKinds,
  ...accountKinds,
  ...webhookKinds,
  ...auditKinds,
};

/** The types of event that make up the history of a domain. */
export const domainEventTypes = Object.keys(domainEventKinds) as DomainEventType[];
export const eventTypes = Object.keys(eventKinds) as EventType[];
/**
 * The types of event that tenants choose for a webhook. Those of the audit log stay on the bus, for
 * rules of the operator: there is one for every change, most of which have an event of their own.
 */
export const chosenEventTypes = eventTypes.filter(
  (type) => type !== TEST_EVENT && !(type in auditKinds),
);

/** Returns the scope that reads events of a type: a webhook gets them for who has it. */
export function readScopeOf(type: EventType): Scope {
  if (type in mailKinds) return 'messages:read';
  if (type in auditKinds) return 'audit:read';
  if (type.startsWith('api_key.')) return 'keys';
  if (type.startsWith('user.')) return 'users';
  return type in webhookKinds ? 'webhooks' : 'domains:read';
}

/** Says what happened to a domain, and why, in sentences for its tenant. */
export const summaryOf = ({
  type,
  data,
}: {
  readonly type: DomainEventType;
  readonly data: Readonly<Record<string, unknown>>;
}): string => domainEventKinds[type].summary(data).trim();
