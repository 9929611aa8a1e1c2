import { isIP } from 'node:net';
import { Refusal } from '#shared/core/model/errors.ts';
import { isAtOrBelow } from '#shared/core/model/names.ts';

const LONGEST = 2_048;

/**
 * The URL of a tenant's endpoint, normalised. Its addresses are checked at every request; here only
 * what can never be right is refused.
 *
 * @param zone the service's own zone
 * @throws Refusal `webhook-invalid`
 */
export function parseEndpoint(text: string, zone: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || text.length > LONGEST) throw invalid('it is not a URL');
  if (url.protocol !== 'https:') throw invalid('it must be https');
  if (url.username !== '' || url.password !== '') throw invalid('leave user and password out');
  if (url.hash !== '') throw invalid('leave out what follows the #');
  if (url.port !== '') throw invalid('it must be on port 443, which is the default');
  const host = url.hostname.replace(/\.$/, '');
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) {
    throw invalid('give a host name, not an address');
  }
  if (!host.includes('.') || isAtOrBelow(host, zone)) {
    throw invalid(`${host} is not a host on the public internet`);
  }
  return url;
}

const invalid = (why: string): Refusal =>
  new Refusal('webhook-invalid', `The webhook's URL cannot be used: ${why}.`);
