import { request } from 'node:https';
import { isIPv4 } from 'node:net';
import { isPublicAddress } from './public-address.ts';

export interface PublicRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The result of a request: the answer, or why there was no answer. */
export type PublicAnswer =
  | {
      readonly status: number;
      /** As UTF-8; undefined where it was longer than the limit, or broke off. */
      readonly body: string | undefined;
    }
  | { readonly error: string };

/** Asks for the addresses of a host; empty where it has none. */
export type AddressesOf = (host: string) => Promise<readonly string[]>;

/** Overrides for tests only: a server of their own, with a certificate of their own. */
export interface PublicRequestOptions {
  readonly isAllowed: (address: string) => boolean;
  readonly port: number;
  /** For all of the answer, from the time that its address is known. */
  readonly timeoutMs: number;
  readonly ca?: string;
}

const MOST_ANSWERED = 64 * 1024;

/**
 * Sends requests to hosts on the public internet only. It resolves the name here, requires every
 * address to be public, and connects to the address that was checked (against DNS rebinding).
 * Redirects are answers, not followed; at most 64 KiB of an answer are read.
 */
export function publicRequest(
  addressesOf: AddressesOf,
  {
    isAllowed = isPublicAddress,
    port = 443,
    timeoutMs = 10_000,
    ca,
  }: Partial<PublicRequestOptions> = {},
): (what: PublicRequest) => Promise<PublicAnswer> {
  return async (what) => {
    const host = what.url.hostname.replace(/\.$/, '');
    const addresses = await addressesOf(host);
    // IPv4 first: functions outside a VPC have no IPv6.
    const address = addresses.find(isIPv4) ?? addresses[0];
    if (address === undefined) return { error: `${host} has no address` };
    if (!addresses.every(isAllowed)) {
      return { error: `${host} leads to an address that is not on the public internet` };
    }
    return send(what, { address, host, port, timeoutMs, ca });
  };
}

interface Target {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly ca: string | undefined;
}

function send(
  { method, url, headers, body = '' }: PublicRequest,
  { address, host, port, timeoutMs, ca }: Target,
): Promise<PublicAnswer> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const failed = (error: Error): void => {
      const why = signal.aborted ? `no answer within ${timeoutMs / 1000} s` : error.message;
      resolve({ error: why.slice(0, 200) });
    };
    const outgoing = request(
      {
        host: address,
        servername: host,
        port,
        method,
        path: `${url.pathname}${url.search}`,
        // A connection of its own: none that another name opened is used again.
        agent: false,
        headers: {
          ...headers,
          host,
          ...(method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
        },
        signal,
        ...(ca === undefined ? {} : { ca }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let octets = 0;
        answer.on('data', (chunk: Buffer) => {
          octets += chunk.length;
          if (octets > MOST_ANSWERED) answer.destroy();
          else chunks.push(chunk);
        });
        answer.on('error', failed);
        // The status counts also of an answer that is cut off for its length.
        answer.on('close', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: answer.complete ? Buffer.concat(chunks).toString('utf8') : undefined,
          }),
        );
      },
    );
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
