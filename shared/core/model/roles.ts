/** What a user may do for a tenant. */
import { allScopes, scopesBeyond, type Scope } from './scopes.ts';

const ofMembers = [
  'domains:read',
  'domains:write',
  'messages:send',
  'messages:read',
  'webhooks',
] as const satisfies readonly Scope[];

/**
 * The scopes of each role, the strongest first: an owner may do everything, an admin all but decide
 * about people, a member sets up domains and mail, a viewer reads them.
 */
export const roleScopes = {
  owner: allScopes,
  admin: [...ofMembers, 'keys', 'audit:read'],
  member: ofMembers,
  viewer: ['domains:read', 'messages:read'],
} as const satisfies Record<string, readonly Scope[]>;
export type Role = keyof typeof roleScopes;

export const roles = Object.keys(roleScopes) as readonly Role[];

/** The role of who was a user before there were roles: until December 2026 every user did everything. */
export const FORMER_ROLE: Role = 'owner';

/** Returns the scopes that a role has and a caller has not. */
export const roleBeyond = (role: Role, had: readonly Scope[]): Scope[] =>
  scopesBeyond(roleScopes[role], had);
