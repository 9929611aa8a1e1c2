import { isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import type { DnsPrecheckReason } from '#shared/core/model/rotation.ts';
import type { Publication } from '../ports/publication-store.ts';
import type { Resolver } from '../ports/resolver.ts';
import { answered, type Lookup } from '#shared/core/model/lookup.ts';
import { recordKey, sameRecord } from '#shared/core/records/changes.ts';
import { hostedKey } from '#shared/core/records/kinds/dkim/hosted.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { showsKey } from '#shared/core/records/key-text.ts';

/** The result of the DNS precheck: `open` if receivers would find the key, were it to sign now. */
export type DnsPrecheck =
  | { readonly open: true }
  | { readonly open: false; readonly reason: DnsPrecheckReason; readonly detail: string };

/**
 * Queries a slot as receivers will. Every server of the customer's domain that answers points at
 * our record; resolvers reach the very key, byte for byte, by the customer's name. Of a claim that
 * hosts its keys itself, the one record there is to be the key, or to point at ours.
 *
 * @param agreement `all`: most of the configured resolvers answer, and every one that does finds
 * the key: nothing is lost by waiting. `most`: more than half of those configured find it: waiting
 * would leave mail unsent, or signed with a key that is not found.
 */
export async function dnsPrecheck(
  claim: Claim,
  key: RingKey,
  resolver: Pick<Resolver, 'authoritative' | 'lookupEverywhere'>,
  agreement: 'all' | 'most',
): Promise<DnsPrecheck> {
  const name = `${key.selector}._domainkey.${claim.domain}`;
  const target = hostedKeyName(claim, key.selector);
  const [text = ''] = hostedKey(claim, key).values;
  const self = isSelfHosted(claim);
  const finds = ({ values: [found, ...more] }: Lookup): boolean =>
    found !== undefined && more.length === 0 && (self ? showsKey(found, key) : found === text);
  const leads = (lookup: Lookup): boolean =>
    lookup.cnames[0] === target || (self && lookup.cnames.length === 0 && finds(lookup));
  const failed = (lookup: Lookup): DnsPrecheck =>
    self ? showsAnother(name, text, lookup) : pointsElsewhere(name, target, lookup);
  const own = answered(await resolver.authoritative(name, 'TXT'));
  const mismatch = own.find((lookup) => !leads(lookup));
  // Resolvers are not asked for what is not there: they would remember that for hours.
  if (mismatch !== undefined) return failed(mismatch);
  const answers = await resolver.lookupEverywhere(name, 'TXT');
  const known = answered(answers);
  if (known.length * 2 <= answers.length) {
    const detail = `Only ${known.length} of ${answers.length} resolvers answered for ${name}.`;
    return { open: false, reason: 'dns-unknown', detail };
  }
  // Where the domain's own servers keep silent, the resolvers show where it points.
  const mismatches = known.filter((lookup) => !leads(lookup));
  const isMismatch =
    agreement === 'all' ? mismatches.length > 0 : mismatches.length * 2 >= known.length;
  if (own.length === 0 && isMismatch) return failed(mismatches[0] as Lookup);
  const differing = known.filter((lookup) => !finds(lookup));
  const isMost = (known.length - differing.length) * 2 > answers.length;
  if (differing.length === 0 || (agreement === 'most' && isMost)) return { open: true };
  const detail = `${differing.length} of the ${known.length} resolvers that answered find another key at ${name} than the one that would sign, or none.`;
  return { open: false, reason: 'key-differs', detail };
}

function pointsElsewhere(name: string, target: string, { cnames, values }: Lookup): DnsPrecheck {
  const create = `Create a CNAME record named ${name} that points to ${target}.`;
  if (cnames.length === 0 && values.length === 0) {
    const detail = `There is no record at ${name}. ${create}`;
    return { open: false, reason: 'cname-missing', detail };
  }
  const seen = cnames[0] === undefined ? 'has a TXT record of its own' : `points to ${cnames[0]}`;
  const detail = `${name} ${seen}. ${create}`;
  return { open: false, reason: 'cname-wrong', detail };
}

function showsAnother(name: string, text: string, { cnames, values }: Lookup): DnsPrecheck {
  if (cnames.length === 0 && values.length === 0) {
    const detail = `There is no record at ${name}. Create a TXT record there with the value: ${text}`;
    return { open: false, reason: 'record-missing', detail };
  }
  const detail = `${name} does not show the key that it is to show. Change its TXT record to: ${text}`;
  return { open: false, reason: 'record-wrong', detail };
}

/**
 * Returns since when a key's very record is on all its name servers, ISO 8601: ours or, for a
 * self-hosted claim, the domain's. Undefined where it is not published, or not known to be INSYNC.
 */
export function insyncSinceOf(
  claim: Claim,
  key: RingKey,
  publication: Publication | undefined,
): string | undefined {
  if (isSelfHosted(claim)) return key.seenSince;
  const record = hostedKey(claim, key);
  const published = publication?.records.find((each) => recordKey(each) === recordKey(record));
  if (published === undefined || !sameRecord(published, record)) return undefined;
  return publication?.insyncSince[recordKey(record)];
}
