import { answerOf, type Api } from '../api/client.ts';

/** What somebody signs in with, where no hosted sign-in asks them. */
export interface KeyKind {
  readonly title: string;
  readonly label: string;
  readonly prefix: string;
  /** What to do about a key that the API does not know. */
  readonly unknown: string;
  /** A request that every such key may make. */
  readonly read: (api: Api) => Promise<unknown>;
  /** True where a key without the scope of that request may have others. */
  readonly hasScopes: boolean;
}

export const tenantKey: KeyKind = {
  title: 'Sign in to Sender domains',
  label: 'API key',
  prefix: 'sd_',
  unknown: 'This API key is unknown or was revoked. Ask your operator for another one.',
  read: (api) => answerOf(api.GET('/v1/domains', { params: { query: { limit: 1 } } })),
  hasScopes: true,
};

export const platformKey: KeyKind = {
  title: 'Sign in to the operator’s console',
  label: 'Platform key',
  prefix: 'sdp_',
  unknown: 'This platform key is unknown or was revoked. Make another with: npm run platform.',
  read: (api) => answerOf(api.GET('/v1/platform')),
  hasScopes: false,
};
