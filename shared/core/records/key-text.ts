import { colonList, parseTagList, withoutWsp } from '../dkim/tag-list.ts';
import type { KeyMaterial } from '../model/key-ring.ts';

/** The `p=` of what may be a key record (RFC 6376 §3.6.1), white space within it left out; empty where there is none. */
export const publicKeyIn = (text: string): string =>
  /(?:^|;)\s*p\s*=([^;]*)/.exec(text)?.[1]?.replaceAll(/\s/g, '') ?? '';

/**
 * Returns true if a TXT value is a key record by which receivers verify this very key's signatures
 * (RFC 6376 §3.6.1). Spacing and further tags do not matter.
 *
 * @param text the strings of one TXT record, joined
 */
export function showsKey(
  text: string,
  { algorithm, publicKey }: Pick<KeyMaterial, 'algorithm' | 'publicKey'>,
): boolean {
  const tags = parseTagList(text);
  if (tags === undefined || withoutWsp(tags.get('p') ?? '') !== publicKey) return false;
  const isVersion = !tags.has('v') || (tags.get('v') === 'DKIM1' && [...tags.keys()][0] === 'v');
  const type = algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
  const services = colonList(tags.get('s') ?? '*');
  return (
    isVersion &&
    (tags.get('k') ?? 'rsa').toLowerCase() === type &&
    colonList(tags.get('h') ?? 'sha256').includes('sha256') &&
    (services.includes('*') || services.includes('email'))
  );
}
