import { createPublicKey, verify } from 'node:crypto';

/**
 * A DNS provider's side of Domain Connect, written from the draft alone and sharing no code with ours:
 * it verifies an apply request as §8.3.4 says, and applies a template as §9 and §10 say.
 */

export interface ZoneRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

type Fields = Readonly<Record<string, unknown>>;
export interface OnboardedTemplate {
  readonly syncPubKeyDomain: string;
  readonly records: readonly Fields[];
}

/** A request that a provider does not act on. */
export class ApplyRefused extends Error {}

/**
 * @param query the query string as it was received
 * @param txtOf queries the TXT records of a name; a record's strings joined
 * @throws ApplyRefused
 */
export async function verifyRequest(
  query: string,
  { syncPubKeyDomain }: OnboardedTemplate,
  txtOf: (name: string) => Promise<readonly string[]>,
): Promise<void> {
  const pairs = query.split('&');
  const valueOf = (name: string): string => {
    const pair = pairs.find((each) => each.startsWith(`${name}=`));
    if (pair === undefined) throw new ApplyRefused(`there is no ${name}`);
    return decodeURIComponent(pair.slice(name.length + 1));
  };
  const texts = await txtOf(`${valueOf('key')}.${syncPubKeyDomain}`);
  if (texts.length === 0) throw new ApplyRefused('no key is published');
  const fragments = texts.map((text) => {
    const found = /^p=(\d+)(?:,a=(RS256))?(?:,t=(x509))?,d=([A-Za-z0-9+/=]+)$/.exec(text);
    if (found === null) throw new ApplyRefused(`a key record cannot be read: ${text}`);
    return { index: Number(found[1]), data: found[4]! };
  });
  const base64 = fragments
    .toSorted((a, b) => a.index - b.index)
    .map(({ data }) => data)
    .join('');
  const key = createPublicKey(
    `-----BEGIN PUBLIC KEY-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----`,
  );
  const signed = pairs.filter((pair) => !/^(?:sig|key)=/.test(pair)).join('&');
  const signature = Buffer.from(valueOf('sig'), 'base64');
  if (!verify('RSA-SHA256', Buffer.from(signed), key, signature)) {
    throw new ApplyRefused('the signature does not verify');
  }
}

/**
 * Returns the records of a zone after a template is applied to it.
 *
 * @param query the parameters of the request
 * @throws ApplyRefused
 */
export function applyTemplate(
  { records }: OnboardedTemplate,
  query: URLSearchParams,
  zone: readonly ZoneRecord[],
): ZoneRecord[] {
  const domain = query.get('domain');
  if (domain === null) throw new ApplyRefused('there is no domain');
  const host = query.get('host') ?? '';
  const scope = host === '' ? domain : `${host}.${domain}`;
  const groups = query.get('groupId')?.split(',');
  const isActive = ({ groupId }: Fields): boolean =>
    groups === undefined || groupId === undefined || groups.includes(groupId as string);
  const active = records.filter(isActive);
  if (groups !== undefined && !active.some(({ groupId }) => groupId !== undefined)) {
    throw new ApplyRefused('no record is of these groups');
  }
  return active.reduce<ZoneRecord[]>(
    (held, record) => {
      const rendered = (field: string): string =>
        String(record[field]).replaceAll(/%([\w-]+)%/g, (_, name: string) => {
          const builtIn: Record<string, string> = { domain, host, fqdn: scope };
          const value = builtIn[name] ?? query.get(name);
          if (value === null || value === undefined) throw new ApplyRefused(`there is no ${name}`);
          return value;
        });
      const at = rendered('host');
      const name = at === '@' || at === '' ? scope : `${at}.${scope}`;
      return write(held, name, record, rendered);
    },
    [...zone],
  );
}

function write(
  held: readonly ZoneRecord[],
  name: string,
  { type, priority, txtConflictMatchingMode = 'None' }: Fields,
  rendered: (field: string) => string,
): ZoneRecord[] {
  const elsewhere = held.filter((each) => each.name !== name);
  const here = held.filter((each) => each.name === name);
  const without = (gone: (record: ZoneRecord) => boolean) => [
    ...elsewhere,
    ...here.filter((each) => each.type !== 'CNAME' && !gone(each)),
  ];
  switch (type) {
    case 'CNAME':
      return [...elsewhere, { name, type, value: rendered('pointsTo') }];
    case 'MX':
      return [
        ...without((each) => each.type === 'MX'),
        { name, type, value: `${String(priority)} ${rendered('pointsTo')}` },
      ];
    case 'TXT': {
      const value = rendered('data');
      const all = txtConflictMatchingMode === 'All';
      const same = (each: ZoneRecord) => each.type === 'TXT' && (all || each.value === value);
      return [...without(same), { name, type, value }];
    }
    case 'SPFM': {
      const isSpf = (each: ZoneRecord) => each.type === 'TXT' && /^v=spf1( |$)/.test(each.value);
      const present = here.find(isSpf)?.value.split(' ').slice(1) ?? [];
      const rules = [...present, ...rendered('spfRules').split(' ')];
      const terms = [...new Set(rules.filter((term) => !/^[-+~?]?all$/.test(term)))];
      return [...without(isSpf), { name, type: 'TXT', value: `v=spf1 ${terms.join(' ')} ~all` }];
    }
    default:
      throw new ApplyRefused(`records of type ${String(type)} are not supported`);
  }
}
