import type { PlatformId } from './names.ts';

/**
 * Who makes a change.
 *
 * - `key`: an API key of a tenant, by the id that `GET /v1/api-keys` shows.
 * - `user`: a user of the dashboard, by their name in the user pool.
 * - `platform`: a platform, by one of its keys or its users, for itself or for a tenant.
 * - `page`: an embedded page, by a token of the platform.
 * - `link`: whoever has a link to the records of a domain.
 * - `operator`: a command of the operator's.
 * - `service`: the service itself, such as by its monthly rotation.
 */
export type Actor =
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'user'; readonly id: string }
  | {
      readonly kind: 'platform';
      readonly id: PlatformId;
      readonly key?: string;
      readonly user?: string;
    }
  | { readonly kind: 'page'; readonly id: PlatformId }
  | { readonly kind: 'link' | 'operator' | 'service' };

export const actorKinds = [
  'key',
  'user',
  'platform',
  'page',
  'link',
  'operator',
  'service',
] as const satisfies readonly Actor['kind'][];
