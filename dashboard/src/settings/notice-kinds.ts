import type { NoticeRecipient } from '../api/client.ts';

export type NoticeKind = NoticeRecipient['kinds'][number];
export type NoticeLanguage = NoticeRecipient['language'];

/** The kinds of notice, with what each is about. */
export const noticeKinds: Readonly<Record<NoticeKind, readonly [name: string, about: string]>> = {
  'at-risk': ['Records', 'A DNS record broke, was never seen, or is right again'],
  lost: ['Lost domains', 'No mail is sent for a domain any more'],
  'rotation-blocked': ['Keys', 'A record is to be changed for a new key, or the next key waits'],
  'sending-paused': ['Sending', 'Mail waits, is slowed or paused, or is sent again'],
  'dmarc-step': ['DMARC', 'A policy took a step, or its plan takes none'],
  'access-changed': ['Access', 'API keys were made or revoked, users invited or removed'],
};
export const noticeKindNames = Object.keys(noticeKinds) as NoticeKind[];

export const noticeLanguages: Readonly<Record<NoticeLanguage, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  nl: 'Nederlands',
};
