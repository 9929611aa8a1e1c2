import type { EventKind, Happening } from './kind.ts';

/** Events of who may use an account: its API keys and its users. */
export const accountKinds = {
  'api_key.created': {
    title: 'An API key was made',
    happened: 'an API key of yours was made; `key` is its id, with `name`, `prefix` and `scopes`',
  },
  'api_key.revoked': {
    title: 'An API key was revoked',
    happened:
      'an API key of yours was revoked; `key` is its id, with `name`, `prefix` and `scopes`',
  },
  'user.invited': {
    title: 'A user was invited',
    happened: '`email` was invited to use the dashboard, or invited again',
  },
  'user.removed': {
    title: 'A user was removed',
    happened: 'the user or the invitation of `email` was removed',
  },
} as const satisfies Record<string, EventKind>;

export type AccountEventType = keyof typeof accountKinds;

/** An API key, as events name it; the key itself is in none. */
export interface KeyInEvent {
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  readonly name?: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
}

/** An API key was made or revoked; the same event however often that is requested. @param at ISO 8601 */
export const apiKeyChange = (
  type: 'api_key.created' | 'api_key.revoked',
  { hash, name, prefix, scopes }: KeyInEvent,
  at: string,
): Happening<AccountEventType> => ({
  type,
  at,
  data: { key: hash, name: name ?? null, prefix, scopes: [...scopes] },
  parts: [hash],
});

/** A user was invited or removed. @param at ISO 8601 */
export const userChange = (
  type: 'user.invited' | 'user.removed',
  email: string,
  at: string,
): Happening<AccountEventType> => ({ type, at, data: { email }, parts: [email, at] });
