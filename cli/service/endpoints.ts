import { join } from 'node:path';

/** The file in which a run writes where it is to be reached. */
export const endpointsFileOf = (stateDir: string): string => join(stateDir, 'endpoints.json');

/** The content of `.local/endpoints.json`: the addresses of a local run. */
export interface Endpoints {
  /** The API's base URL. */
  readonly api: string;
  /** The customers' web page. */
  readonly dashboard: string;
  /** The DNS server, on UDP and TCP. */
  readonly dns: { readonly host: string; readonly port: number };
  /** SMTP submission: STARTTLS at `port`, TLS from the start at `tlsPort`. */
  readonly smtp: { readonly host: string; readonly port: number; readonly tlsPort: number };
  /** The folder that mail comes into. */
  readonly outbox: string;
  /** The API key of the tenant `local`. */
  readonly apiKey: string;
  /** The key of the platform `local`, which makes tenants and acts for them. */
  readonly platformKey: string;
  /** The stand-ins for AWS, for tools that an operator would run against a deployment. */
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    /** Names of the tables, by the name that shared/runtime/tables.ts gives them. */
    readonly tables: Readonly<Record<string, string>>;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}
