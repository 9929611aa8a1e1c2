/**
 * Mails to whom a tenant names about what needs somebody: they are gathered for some minutes, so that
 * a fault of a hundred domains is one mail.
 */
import { HOUR_MS, MINUTE_MS } from '../time.ts';
import type { Language } from './contact.ts';
import type { ServiceEvent } from './event.ts';
import type { EventType } from './events/kinds.ts';

/**
 * The kinds of notice, each with the events that it is about, those that matter most first.
 *
 * - `at-risk`: a record of a domain broke, none was ever seen, or all is right again.
 * - `lost`: nothing is sent for a domain any more.
 * - `rotation-blocked`: the next key waits, in most cases for a record of the tenant's.
 * - `sending-paused`: mail waits, is slowed or paused, or leaves again.
 * - `dmarc-step`: a DMARC policy took a step, or its plan takes none.
 * - `access-changed`: API keys and users came or went.
 */
export const noticeKinds = {
  'at-risk': ['domain.at_risk', 'domain.expiring', 'domain.verified'],
  lost: ['domain.lost', 'domain.expired'],
  'rotation-blocked': ['rotation.prepared', 'rotation.held_back'],
  'sending-paused': ['signing.held', 'sending.paused', 'sending.slowed', 'sending.resumed'],
  'dmarc-step': ['policy.changed', 'policy.held'],
  'access-changed': ['api_key.created', 'api_key.revoked', 'user.invited', 'user.removed'],
} as const satisfies Record<string, readonly EventType[]>;

export type NoticeKind = keyof typeof noticeKinds;
export const noticeKindNames = Object.keys(noticeKinds) as NoticeKind[];

/** The types of event that a notice can be about. */
export type NoticeEventType = (typeof noticeKinds)[NoticeKind][number];

/** Somebody whom a tenant has mailed. */
export interface NoticeRecipient {
  readonly email: string;
  readonly language: Language;
  /** Those that are switched on. */
  readonly kinds: readonly NoticeKind[];
}

/** Recipients of a tenant's notices, at most. */
export const MOST_NOTICE_RECIPIENTS = 10;

export interface NoticeSettings {
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  readonly recipients: readonly NoticeRecipient[];
}

export const noNotices: NoticeSettings = { revision: 0, recipients: [] };

/** The events that one turn of mails is about. */
export interface NoticeBatch {
  /** The id of the event that it began with. */
  readonly id: string;
  /** True while events join it. */
  readonly open: boolean;
  /** When it began, ISO 8601. */
  readonly since: string;
}

/** Returns the kind of notice that an event calls for; undefined where it calls for none. */
export function noticeKindOf({ type, data }: ServiceEvent): NoticeKind | undefined {
  // A domain that is verified for the first time is no news of a fault.
  if (type === 'domain.verified' && data['previousStatus'] === 'pending') return undefined;
  return noticeKindNames.find((kind) => (noticeKinds[kind] as readonly EventType[]).includes(type));
}

/** Returns true if somebody is to be mailed a kind of notice. */
export const isWanted = ({ recipients }: NoticeSettings, kind: NoticeKind): boolean =>
  recipients.some(({ kinds }) => kinds.includes(kind));

const FIRST_WAIT_MS = 2 * MINUTE_MS;
const NEXT_WAIT_MS = 15 * MINUTE_MS;

/**
 * Returns how long events are gathered, in milliseconds: two minutes, and a quarter of an hour where
 * the batch before began within the hour, so that a fault that spreads is four mails an hour.
 */
export const gatheringTime = (before: NoticeBatch | undefined, now: Date): number =>
  before !== undefined && now.getTime() - Date.parse(before.since) < HOUR_MS
    ? NEXT_WAIT_MS
    : FIRST_WAIT_MS;

/** Returns true if a batch should have been mailed long ago, so that its message was lost. */
export const isOverdue = ({ since }: NoticeBatch, now: Date): boolean =>
  now.getTime() - Date.parse(since) > HOUR_MS;
