import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import type { DomainName } from '../model/names.ts';
import { registrableDomain } from '../model/registrable-domain.ts';
import { levelOf } from './enforcement.ts';
import { withoutPct, type ImportedPolicy } from './imported-policy.ts';
import { isDmarcRecord, parseDmarc, type DmarcRecord } from './record.ts';

/**
 * The result of a TXT query: `unknown` where DNS did not answer. `values` has each record's text,
 * joined.
 */
export interface TxtLookup {
  readonly outcome: 'ok' | 'nxdomain' | 'unknown';
  readonly values: readonly string[];
}

/**
 * - `found`: a record at `at` applies (the domain itself, its organisational domain, or a public
 *   suffix that publishes one); `policy` is what a record at the domain must say to ask the same,
 *   or the next milder one, for the reason in `milder`.
 * - `none`: no record applies.
 * - `unknown`: DNS did not answer where a record could be.
 */
export type PolicyInEffect =
  | ({ readonly kind: 'found'; readonly at: string } & ImportedPolicy)
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

/**
 * The names that a tree walk asks below `_dmarc.`, in order (RFC 9989 §4.10): the domain, then its
 * parents, from at most seven labels down to one; so at most eight.
 */
export function treeWalk(domain: string): string[] {
  const labels = domain.split('.');
  const firstParent = Math.max(1, labels.length - 7);
  return [
    domain,
    ...labels.slice(firstParent).map((_, index) => labels.slice(firstParent + index).join('.')),
  ];
}

/**
 * The DMARC policy that applies today to mail of a domain that exists (RFC 9989 §4.10.1): its own
 * record, else `sp` (or `p`) of its organisational domain's, else of its public suffix's.
 *
 * @param lookupTxt asked at most eight times: once for the domain's own record, then for the
 *   others at once, since the walk's end depends on all of them and a person waits
 */
export async function policyInEffect(
  domain: DomainName,
  lookupTxt: (name: string) => Promise<TxtLookup>,
): Promise<PolicyInEffect> {
  const [own, ...parents] = treeWalk(domain) as [string, ...string[]];
  const ownRecord = await recordAt(own, lookupTxt);
  if (ownRecord === 'unknown') return { kind: 'unknown' };
  if (ownRecord !== undefined) {
    return { kind: 'found', at: own, ...ownPolicy(ownRecord) };
  }
  const found: FoundRecord[] = [];
  const answers = await Promise.all(parents.map((parent) => recordAt(parent, lookupTxt)));
  for (const [index, record] of answers.entries()) {
    // Records above an unanswered name do not show what its own would have said.
    if (record === 'unknown') return { kind: 'unknown' };
    if (record === undefined) continue;
    found.push({ at: parents[index] as string, record });
    if (record.psd !== 'u') break;
  }
  const applied = organisational(domain, found);
  return applied === undefined
    ? { kind: 'none' }
    : { kind: 'found', at: applied.at, ...asByOldReceivers(domain, applied, parents, answers) };
}

/**
 * The policy that a subdomain inherits, no stricter than receivers of RFC 7489 have it: they know
 * neither `psd` nor a tree walk, and take the record of the registrable domain (§6.6.3).
 */
function asByOldReceivers(
  domain: DomainName,
  { at, record }: FoundRecord,
  parents: readonly string[],
  answers: readonly (DmarcRecord | undefined | 'unknown')[],
): ImportedPolicy {
  const imported = inheritedPolicy(record);
  const above = registrableDomain(domain);
  if (at === above) return imported;
  const found = answers[parents.indexOf(above)];
  const old = found === undefined || found === 'unknown' ? 'none' : inheritedPolicy(found).policy.p;
  const { policy } = imported;
  if (levelOf(policy.p) <= levelOf(old)) return imported;
  return {
    policy: { ...policy, p: old },
    milder: `The record at _dmarc.${at} applies to ${domain} for receivers of the new standard (RFC 9989) alone. The policy here starts as p=${old}, as those of the old one (RFC 7489) have it, so that no receiver is stricter than today.`,
  };
}

interface FoundRecord {
  readonly at: string;
  readonly record: DmarcRecord;
}

/** @returns undefined where there is none, or several, which are all discarded (§4.10 step 2) */
async function recordAt(
  name: string,
  lookupTxt: (name: string) => Promise<TxtLookup>,
): Promise<DmarcRecord | undefined | 'unknown'> {
  const { outcome, values } = await lookupTxt(`_dmarc.${name}`);
  if (outcome === 'unknown') return 'unknown';
  const records = values.filter(isDmarcRecord);
  return records.length === 1 ? parseDmarc(records[0] as string) : undefined;
}

/**
 * Returns the walk's record that applies (§4.10.2). `psd=n` is the organisational domain; `psd=y` a
 * public suffix, with the organisational domain one label below it; otherwise the shortest name. A
 * walk ends at the first `psd=y` or `psd=n`, so only the last record can have one.
 */
function organisational(domain: string, found: readonly FoundRecord[]): FoundRecord | undefined {
  const last = found.at(-1);
  if (last === undefined || last.record.psd !== 'y') return last;
  const below = domain
    .split('.')
    .slice(-(last.at.split('.').length + 1))
    .join('.');
  // Without a record of the organisational domain's own, the public suffix's applies.
  return found.find(({ at }) => at === below) ?? last;
}

/** A record at the domain that asks what its own asks, no stricter; defaults are left out. */
export function ownPolicy(record: DmarcRecord): ImportedPolicy {
  const { p, sp, np, psd } = record;
  const { requests, ...milder } = withoutPct(
    {
      p,
      ...(sp === undefined ? {} : { sp }),
      ...(np === undefined ? {} : { np }),
      ...testing(record),
    },
    record,
  );
  const policy = { ...requests, ...shared(record), ...(psd === 'u' ? {} : { psd }) };
  return { policy, ...milder };
}

/**
 * A record at a subdomain that asks what its parent's asks of it. `np` is dropped with `sp`: below a
 * record of its own the walk still ends at the parent, whose tags go on to apply there.
 */
function inheritedPolicy(record: DmarcRecord): ImportedPolicy {
  const { p, sp = p, isImplicit } = record;
  // Receivers of RFC 7489 apply nothing of a record without "p".
  const { requests, ...milder } = withoutPct(
    { p: isImplicit === true ? 'none' : sp, ...testing(record) },
    record,
  );
  return { policy: { ...requests, ...shared(record) }, ...milder };
}

const testing = ({ t }: DmarcRecord): Pick<DmarcPolicy, 't'> => (t === 'y' ? { t } : {});

function shared({ adkim, aspf, fo, rua, ruf }: DmarcRecord): Omit<DmarcPolicy, 'p' | 't'> {
  return {
    ...(adkim === 's' ? { adkim } : {}),
    ...(aspf === 's' ? { aspf } : {}),
    ...(fo === '0' ? {} : { fo }),
    ...(rua.length > 0 ? { rua: withinBudget(rua) } : {}),
    ...(ruf.length > 0 ? { ruf: withinBudget(ruf) } : {}),
  };
}

/**
 * The first addresses, as far as 1,500 octets go, so that any record found in DNS fits the 4,000 of
 * a hosted one. Receivers need not report to more than two (RFC 9990).
 */
function withinBudget(uris: readonly string[]): string[] {
  let left = 1_500;
  return uris.filter((uri) => (left -= uri.length + 1) >= 0);
}
