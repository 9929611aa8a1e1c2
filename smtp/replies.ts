import { Conflict, Refusal, type RefusalCode, Throttled } from '#shared/core/model/errors.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { reply, type Reply } from './reply.ts';

/**
 * The reply to each refusal of the submit use case: the SMTP code (RFC 5321 §4.2) and the enhanced
 * code (RFC 3463). Never 5.1.1, by which senders suppress a good recipient.
 */
export const refusalReplies = {
  'from-refused': [550, '5.7.1'],
  'sender-refused': [550, '5.7.1'],
  'domain-not-verified': [550, '5.7.1'],
  'message-refused': [554, '5.6.0'],
  'invalid-body': [554, '5.6.0'],
  'payload-too-large': [552, '5.3.4'],
  'recipients-refused': [553, '5.1.3'],
  'budget-exceeded': [451, '4.7.1'],
  'too-many-requests': [451, '4.7.1'],
  'idempotency-key-reused': [554, '5.6.0'],
  busy: [451, '4.3.2'],
} as const satisfies Partial<Record<RefusalCode, readonly [number, string]>>;

/** The other replies. */
export const replies = {
  accepted: (id: string, repairs: number): Reply =>
    reply(250, '2.6.0', `Accepted as ${id}${repairs === 0 ? '' : `, with ${repairs} repairs`}`),
  signInFirst: (): Reply =>
    reply(530, '5.7.0', 'Sign in first: AUTH over TLS, with an API key as the password.'),
  badKey: (reason: string): Reply => reply(535, '5.7.8', reason),
  tooManyFailures: (seconds: number): Reply =>
    reply(454, '4.7.0', `Too many failed sign-ins from your address; try again in ${seconds} s.`),
  keyStoreOut: (): Reply =>
    reply(454, '4.7.0', 'API keys cannot be checked at the moment; try again in a minute.'),
  suspended: (): Reply =>
    reply(
      451,
      '4.7.1',
      'This account is suspended; ask the operator of the service. Try again later.',
    ),
  closed: (): Reply => reply(550, '5.7.1', 'This account is closed.'),
  tooManyRecipients: (limit: number): Reply =>
    reply(452, '4.5.3', `At most ${limit} recipients a mail; send the others another one.`),
  signInLate: (): Reply => reply(421, '4.7.0', 'You did not sign in; connect again.'),
  draining: (): Reply => reply(421, '4.3.2', 'The server restarts; connect again.'),
  fault: (): Reply =>
    reply(451, '4.3.0', 'The service failed; it has been noted. Try again later.'),
  busy: (): Reply => reply(451, '4.3.2', 'The service is busy; try again in a minute.'),
};

/** The reply to an error of the submit use case. */
export function replyTo(error: unknown): Reply {
  if (error instanceof Refusal) {
    const known = (refusalReplies as Partial<Record<RefusalCode, readonly [number, string]>>)[
      error.code
    ];
    if (known !== undefined) return reply(...known, withTime(error));
  }
  if (error instanceof Conflict || error instanceof Throttled || isOutage(error)) {
    return replies.busy();
  }
  return replies.fault();
}

/** Returns true if a reply hides a fault of ours, which the log must have. */
export const isFault = ({ text }: Reply): boolean => text === replies.fault().text;

const withTime = ({ message, retryAfter }: Refusal): string =>
  retryAfter === undefined ? message : `${message} Try again in ${retryAfter} s.`;
