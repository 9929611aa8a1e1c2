import { request } from 'node:https';
import { isIPv4 } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** How a request ended: the status that was answered with, or why there was no answer. */
export type PostOutcome = { readonly status: number } | { readonly error: string };

export type Post = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<PostOutcome>;

/** What only tests have otherwise: a server of their own, with a certificate of their own. */
export interface PostOptions {
  readonly isAllowed: (address: string) => boolean;
  readonly port: number;
  readonly timeoutMs: number;
  readonly ca?: string;
}

const MOST_ANSWERED = 64 * 1024;

/**
 * Posts to hosts on the public internet and nowhere else: the name is resolved here, every address of
 * it must be public, and the connection goes to the address that was looked at, so that a name that
 * resolves otherwise a moment later leads nowhere else (DNS rebinding). Redirects are answers, not
 * followed; what is answered is not kept.
 *
 * @param addressesOf resolves a host name; empty where there are none
 */
export function publicPost(
  addressesOf: (host: string) => Promise<readonly string[]>,
  { isAllowed = isPublicAddress, port = 443, timeoutMs = 10_000, ca }: Partial<PostOptions> = {},
): Post {
  return async (url, headers, body) => {
    const host = url.hostname.replace(/\.$/, '');
    const addresses = await addressesOf(host);
    // IPv4 first: functions outside a VPC have no IPv6.
    const address = addresses.find(isIPv4) ?? addresses[0];
    if (address === undefined) return { error: `${host} has no address` };
    if (!addresses.every(isAllowed)) {
      return { error: `${host} leads to an address that is not on the public internet` };
    }
    return send(
      { address, host, port, timeoutMs, ca, path: `${url.pathname}${url.search}` },
      headers,
      body,
    );
  };
}

interface Target {
  readonly address: string;
  readonly host: string;
  readonly path: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly ca: string | undefined;
}

function send(
  { address, host, path, port, timeoutMs, ca }: Target,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<PostOutcome> {
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
        method: 'POST',
        path,
        // A connection of its own: none that another name opened is used again.
        agent: false,
        headers: { ...headers, host, 'content-length': String(Buffer.byteLength(body)) },
        signal,
        ...(ca === undefined ? {} : { ca }),
      },
      (answer) => {
        let octets = 0;
        answer.on('data', (chunk: Buffer) => {
          octets += chunk.length;
          if (octets > MOST_ANSWERED) answer.destroy();
        });
        answer.on('error', failed);
        // The status is what counts, also of an answer that is cut off for its length.
        answer.on('close', () => resolve({ status: answer.statusCode ?? 0 }));
      },
    );
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
