import type { Claim, SpfSettings } from '../model/claim.ts';
import { reportsHost, SPF_RECORDS, type Deployment } from '../model/deployment.ts';
import { shownKey, type RingKey } from '../model/key-ring.ts';
import type { Label, Selector, ShardName } from '../model/names.ts';
import { composeDmarc } from '../dmarc/record.ts';
import { composeSpf, composeSpfChain } from '../spf/compose.ts';
import { ownLookups, shortest } from '../spf/mechanism.ts';

/** A record set in one of our zones. */
export interface HostedRecord {
  /** Full name, lower case, no trailing dot. */
  readonly name: string;
  readonly type: 'TXT';
  /** Seconds. */
  readonly ttl: number;
  /** The text of each record, whole: splitting and escaping is Route 53's form, made in `txt.ts`. */
  readonly values: readonly string[];
}

/**
 * Seconds. A key that is replaced or revoked must be gone from caches within the hour; at five
 * minutes a new claim's records, which a customer may have asked for before they were there, and an
 * emergency's change are seen everywhere about as soon as Route 53 has them in sync.
 */
const TTL = 300;

/** Where a claim's records lie: its label in its shard, the twin of the customer's domain. */
export type Twin = Pick<Claim, 'label' | 'shard'>;

const below = (prefix: string, { label, shard }: { label: Label; shard: ShardName }) =>
  `${prefix}.${label}.${shard}`;

/** The hosted names that the customer's records point at. */
export const hostedNames = {
  key: (twin: Twin, selector: Selector) => below(`${selector}._domainkey`, twin),
  dmarc: (twin: Twin) => below('_dmarc', twin),
  /** What the customer's own SPF record includes: the service's senders and what the customer added. */
  spf: (twin: Twin) => below('_spf', twin),
  /** The names of the whole chain, of which the first is `spf`: `_spf`, `_spf1`, `_spf2`. */
  spfChain: (twin: Twin): string[] =>
    Array.from({ length: SPF_RECORDS }, (_, index) => below(`_spf${index || ''}`, twin)),
  /** What the MAIL FROM domain's SPF record includes: the service's senders only. */
  mailFrom: (twin: Twin) => below('_mailfrom', twin),
} as const;

/**
 * Everything that we publish for a claim: a pure function of it, so that publishing is desired
 * minus published and nothing else.
 *
 * - `live` and `deleting`: three keys, SPF with its chain, MAIL FROM's SPF, and DMARC once the policy
 *   is known. A self-hosted claim's too: whatever of the customer's names does point here is right,
 *   and moving either way loses nothing.
 * - `tombstone`: the same names, for as long as the customer's records may point at them. Keys are
 *   revoked (`p=`, RFC 6376 §3.6.1); SPF becomes `?all`, since an include of a name without a record
 *   is a permerror for the customer's whole SPF (RFC 7208 §5.2); the DMARC policy stays as it was,
 *   since dropping it would weaken the domain, but nobody reads our report address any more.
 * - `expired`: nothing.
 *
 * @throws Refusal `spf-too-long` where the SPF records would pass 450 octets
 */
export function hostedRecords(claim: Claim, deployment: Deployment): HostedRecord[] {
  if (claim.lifecycle === 'expired') return [];
  const gone = claim.lifecycle === 'tombstone';
  const { senders } = deployment;
  return [
    ...claim.keys.map((key) => hostedKey(claim, shownKey(key))),
    ...dmarcRecords(claim, gone ? [] : [reportAddress(claim.label, deployment)]),
    ...spfRecords(claim, deployment, gone),
    txt(
      hostedNames.mailFrom(claim),
      composeSpf(hostedNames.mailFrom(claim), gone ? [] : senders, gone ? NOTHING : '~all'),
    ),
  ];
}

/** What an SPF record says that is only there because something may still point at it. */
const NOTHING = '?all';

/** The chain; records that it no longer needs, and all of a claim that is gone, say nothing of anybody. */
function spfRecords(claim: Claim, deployment: Deployment, gone: boolean): HostedRecord[] {
  const names = hostedNames.spfChain(claim);
  const texts = spfTexts(claim, deployment);
  const kept = Math.max(texts.length, claim.spf.records ?? 1);
  return names
    .slice(0, kept)
    .map((name, index) => txt(name, composedOr(gone ? undefined : texts[index])));
}

const composedOr = (text: string | undefined): string => text ?? `v=spf1 ${NOTHING}`;

/**
 * The texts of the records that the chain needs, in order; the first is at `hostedNames.spf`.
 *
 * @throws Refusal `spf-too-long`
 */
export const spfTexts = (
  claim: Pick<Claim, 'label' | 'shard' | 'spf'>,
  { senders }: Pick<Deployment, 'senders'>,
): string[] =>
  composeSpfChain(
    hostedNames.spfChain(claim),
    shortest([...senders, ...publishedMechanisms(claim.spf)]),
    claim.spf.all ?? '~all',
  );

/**
 * The most look-ups that an SPF record of the customer's that includes ours takes for our part: the
 * include itself, the chain, and each of our terms that looks up. What lies within a third party's
 * include comes on top and is theirs.
 *
 * @throws Refusal `spf-too-long`
 */
export const promisedLookups = (
  claim: Pick<Claim, 'label' | 'shard' | 'spf'>,
  deployment: Pick<Deployment, 'senders'>,
): number =>
  spfTexts(claim, deployment).length +
  ownLookups(shortest([...deployment.senders, ...publishedMechanisms(claim.spf)]));

/**
 * A claim's SPF settings with the length of its chain noted, to be kept from then on.
 *
 * @throws Refusal `spf-too-long`
 */
export function withChain(
  claim: Pick<Claim, 'label' | 'shard' | 'spf'>,
  deployment: Pick<Deployment, 'senders'>,
): SpfSettings {
  const records = Math.max(claim.spf.records ?? 1, spfTexts(claim, deployment).length);
  return records === 1 ? claim.spf : { ...claim.spf, records };
}

/** A customer's mechanisms with addresses in place of the includes that are flattened. */
export function publishedMechanisms({ mechanisms, flattened = [] }: SpfSettings): string[] {
  const addressesOf = new Map(flattened.map(({ include, addresses }) => [include, addresses]));
  return mechanisms.flatMap((mechanism) => addressesOf.get(mechanism) ?? [mechanism]);
}

const txt = (name: string, text: string): HostedRecord => ({
  name,
  type: 'TXT',
  ttl: TTL,
  values: [text],
});

/** The record that a key of a claim is found by; what a slot shows is that of its `shownKey`. */
export const hostedKey = (claim: Claim, key: RingKey): HostedRecord =>
  txt(
    hostedNames.key(claim, key.selector),
    keyRecord(key, claim.lifecycle === 'tombstone' || key.state === 'revoked'),
  );

/** The text of a key record (RFC 6376 §3.6.1, RFC 8463 §4); an empty `p=` says revoked. */
function keyRecord(key: RingKey, revoked: boolean): string {
  const type = key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
  return `v=DKIM1; k=${type}; p=${revoked ? '' : key.publicKey}`;
}

/** Our own report addresses come first: some receivers report to the first one or two only. */
function dmarcRecords(claim: Claim, ours: readonly string[]): HostedRecord[] {
  if (claim.dmarc === undefined) return [];
  const rua = [...new Set([...ours, ...(claim.dmarc.rua ?? [])])];
  return [txt(hostedNames.dmarc(claim), composeDmarc({ ...claim.dmarc, rua }))];
}

/** Where aggregate reports of a claim's domain go. */
export const reportAddress = (label: Label, { zone }: Pick<Deployment, 'zone'>): string =>
  `mailto:${label}@${reportsHost(zone)}`;
