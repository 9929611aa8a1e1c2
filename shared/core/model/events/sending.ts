import { ratesOf, type Reputation, type ReputationSubject, type Standing } from '../reputation.ts';
import type { EventKind, Happening } from './kind.ts';

/** Events of what receivers make of a tenant's mail; `domain` is absent where it is about all of it. */
export const sendingKinds = {
  'sending.slowed': {
    title: 'Mail is sent more slowly, since too much of it bounces or is complained about',
    happened:
      'too much of your mail, or of that of the domain, bounced for good or was reported as spam; it now comes after the mail of others',
  },
  'sending.paused': {
    title: 'Mail is not sent any more, since too much of it bounces or is complained about',
    happened:
      'so much of your mail, or of that of the domain, bounced for good or was reported as spam that it waits until the operator decides',
  },
  'sending.resumed': {
    title: 'Mail is sent as before, since less of it bounces or is complained about',
    happened: 'the rates are back to what is usual',
  },
} as const satisfies Record<`sending.${string}`, EventKind>;

type SendingEventType = keyof typeof sendingKinds;

const typeOf: Readonly<Record<Standing, SendingEventType>> = {
  good: 'sending.resumed',
  slowed: 'sending.slowed',
  paused: 'sending.paused',
};

/** The change of a standing; the same one however often it is decided. @param at ISO 8601 */
export const standingChange = (
  { domain }: ReputationSubject,
  { counts, since = '' }: Reputation,
  to: Standing,
  at: string,
): Happening<SendingEventType> => ({
  type: typeOf[to],
  at,
  data: {
    ...(domain === undefined ? {} : { domain }),
    recipients: counts.outcomes,
    bounced: counts.bounced,
    complained: counts.complained,
    detail: ratesOf(counts),
  },
  parts: [domain ?? '', since],
});
