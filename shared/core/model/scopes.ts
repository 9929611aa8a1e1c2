/** What a credential may do: each route needs one scope, which its declaration names. */

/** Every scope, with what it allows. */
export const scopeTexts = {
  'domains:read': 'Read domains, their records, reports and events, and have them checked',
  'domains:write': 'Claim, change and delete domains, and make links to their records',
  'messages:send': 'Send mail, and change the suppression list',
  'messages:read': 'Read mails, their recipients and the suppression list',
  webhooks: 'Make and change webhooks for what one may read',
  keys: 'Make and revoke API keys that may do no more',
  users: 'Invite and remove users',
  'audit:read': 'Read who changed what',
} as const;
export type Scope = keyof typeof scopeTexts;
export const allScopes = Object.keys(scopeTexts) as readonly Scope[];

/** The names that scopes had until December 2026, each with the scopes that it includes. */
export const formerScopes = {
  domains: ['domains:read', 'domains:write', 'webhooks'],
  messages: ['messages:send', 'messages:read'],
} as const satisfies Record<string, readonly Scope[]>;
type FormerScope = keyof typeof formerScopes;

/** A name by which a credential has scopes: one of them, or a former one. */
export type ScopeName = Scope | FormerScope;

export const scopeNames: readonly ScopeName[] = [
  ...allScopes,
  ...(Object.keys(formerScopes) as FormerScope[]),
];

const isFormer = (name: string): name is FormerScope => Object.hasOwn(formerScopes, name);

/** Returns the scopes behind names, in the order of `allScopes`; a name that is none has none. */
export function scopesNamed(names: readonly string[]): Scope[] {
  const named = new Set<string>(
    names.flatMap((name) => (isFormer(name) ? formerScopes[name] : [name])),
  );
  return allScopes.filter((scope) => named.has(scope));
}

/** Returns the scopes that are asked for and not had. */
export const scopesBeyond = (asked: readonly string[], had: readonly string[]): Scope[] => {
  const held = scopesNamed(had);
  return scopesNamed(asked).filter((scope) => !held.includes(scope));
};

/**
 * Returns the names by which the authorizer gives scopes to the functions: the former ones too, since a
 * function of the release before knows no others while an update is under way.
 */
export const namesOf = (scopes: readonly Scope[]): string =>
  [
    ...scopes,
    ...(Object.keys(formerScopes) as FormerScope[]).filter((former) =>
      formerScopes[former].every((scope) => scopes.includes(scope)),
    ),
  ].join(' ');
