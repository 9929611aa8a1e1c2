import { verify, type KeyObject } from 'node:crypto';
import { KEY_LABEL, type DomainConnectService } from './service.ts';

/** Name and value of each parameter of an apply request, not encoded. */
export type ApplyParameters = Readonly<Record<string, string>>;

/**
 * Returns the signed text of an apply request (§8.3.2.1): its parameters, percent-encoded and in
 * the order of their encoded names.
 */
export function canonicalQuery(parameters: ApplyParameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => [percentEncoded(name), percentEncoded(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
}

/** RFC 3986 §2.3: all but unreserved characters, which encodeURIComponent takes too many for. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * The URL that a customer follows to have the records written (§8.3.1).
 *
 * @param urlSyncUX of the provider's settings
 * @param query as `canonicalQuery` gives it
 * @param signature of the query, RS256
 */
export function applyUrl(
  urlSyncUX: string,
  { providerId, serviceId }: Pick<DomainConnectService, 'providerId' | 'serviceId'>,
  query: string,
  signature: Uint8Array,
): string {
  const sig = percentEncoded(Buffer.from(signature).toString('base64'));
  return `${urlSyncUX}${templatePath(providerId, serviceId)}/apply?${query}&sig=${sig}&key=${KEY_LABEL}`;
}

/** The path of a template at a provider (§8.2). */
export const templatePath = (providerId: string, serviceId: string): string =>
  `/v2/domainTemplates/providers/${percentEncoded(providerId)}/services/${percentEncoded(serviceId)}`;

/**
 * Returns true if a signature is a query's, as providers verify it: RSASSA-PKCS1-v1_5 with SHA-256.
 */
export const isSignatureOf = (query: string, signature: Uint8Array, key: KeyObject): boolean =>
  verify('sha256', Buffer.from(query), key, signature);
