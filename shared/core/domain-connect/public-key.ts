import { createPublicKey, type KeyObject } from 'node:crypto';

/** A TXT record's string is at most this long (RFC 1035 §3.3). */
const MAX_STRING = 255;

/**
 * The texts of the TXT records that publish a public key (§6.4): as few as there can be of one string
 * each, since not every reader joins the strings of a record.
 *
 * @param spki DER SubjectPublicKeyInfo of an RSA key
 */
export function publicKeyRecords(spki: Uint8Array): string[] {
  const base64 = Buffer.from(spki).toString('base64');
  const room = MAX_STRING - prefix(1).length;
  const fragments = Array.from({ length: Math.ceil(base64.length / room) }, (_, index) =>
    base64.slice(index * room, (index + 1) * room),
  );
  if (fragments.length > MOST_FRAGMENTS) {
    throw new Error(`a key of ${spki.length} octets is no RSA key that providers would take`);
  }
  return fragments.map((fragment, index) => `${prefix(index + 1)}${fragment}`);
}

const MOST_FRAGMENTS = 9;
const prefix = (index: number): string => `p=${index},a=RS256,d=`;

/**
 * Reads a published key as a DNS provider does (§8.3.4): fragments in the order of `p`, in any
 * order of the records; RS256 and x509 where nothing else is said.
 *
 * @returns undefined where the records are no RSA key to verify RS256 with
 */
export function readPublicKey(texts: readonly string[]): KeyObject | undefined {
  const fragments = texts.map(fragmentOf).sort((a, b) => a.index - b.index);
  const distinct = new Set(fragments.map(({ index }) => index));
  const readable = fragments.every(({ understood }) => understood);
  if (fragments.length === 0 || distinct.size < fragments.length || !readable) return undefined;
  const der = Buffer.from(fragments.map(({ data }) => data).join(''), 'base64');
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    // Not the DER of a key: the published key is of no use, for any reason.
    return undefined;
  }
}

function fragmentOf(text: string) {
  const tags = new Map(
    text.split(',').map((tag): [string, string] => {
      const [name = '', ...value] = tag.split('=');
      return [name.trim(), value.join('=')];
    }),
  );
  const index = Number(tags.get('p'));
  const understood =
    Number.isInteger(index) &&
    index > 0 &&
    (tags.get('a') ?? 'RS256') === 'RS256' &&
    (tags.get('t') ?? 'x509') === 'x509';
  return { index, understood, data: tags.get('d') ?? '' };
}
