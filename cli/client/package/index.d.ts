import type { Client, ClientOptions } from 'openapi-fetch';
import type { components, paths } from './schema.js';

export type { components, operations, paths } from './schema.js';

/** The documents of the API by name: `Schemas['Domain']`. */
export type Schemas = components['schemas'];

export interface SenderDomainsOptions {
  /** Of the API: `https://api.example.com`. */
  readonly baseUrl: string;
  /** An API key (`sd_...`), a platform key (`sdp_...`) or a token (`sdt_...`). */
  readonly key: string;
  /** The tenant that a platform key acts for, by id or external id. */
  readonly tenant?: string;
  /** In the place of the global `fetch`. */
  readonly fetch?: NonNullable<ClientOptions['fetch']>;
}

/** Makes a client of the API: `await api.GET('/v1/domains')` gives `{ data, error, response }`. */
export function senderDomains(options: SenderDomainsOptions): Client<paths>;
