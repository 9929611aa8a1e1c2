import { within } from '#shared/async/timeout.ts';
import { providerOf } from '#shared/app/checks/evaluate/dns-providers.ts';
import { policyInEffect } from '#shared/core/dmarc/policy-in-effect.ts';
import type { RowForecast } from '#shared/core/model/import.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import { MAX_LOOKUPS } from '#shared/core/spf/evaluate.ts';
import { isSpfRecord } from '#shared/core/spf/record.ts';
import { findProblem, spfTree, type SpfNodeProblem } from '#shared/core/spf/tree.ts';
import type { ImporterPorts } from './ports.ts';

type Ports = Pick<ImporterPorts, 'resolver' | 'offersDomainConnect' | 'deployment'>;

/** Milliseconds for each of the questions, so that a silent server does not hold the others up. */
const TIMEOUT_MS = 8_000;

/**
 * Says what a claim of a domain would meet, by DNS alone: nothing is stored, and no provider is asked
 * but by DNS.
 */
export async function forecastRow(domain: DomainName, ports: Ports): Promise<RowForecast> {
  const [delegated, spf, dmarc] = await Promise.all([
    within(TIMEOUT_MS, delegationOf(domain, ports), unknownDelegation),
    within(TIMEOUT_MS, spfOf(domain, ports), null),
    within(TIMEOUT_MS, dmarcOf(domain, ports), null),
  ]);
  return { ...delegated, spf, dmarc };
}

type Delegated = Pick<RowForecast, 'registered' | 'provider' | 'oneClick'>;
const unknownDelegation: Delegated = { registered: null, provider: null, oneClick: null };

async function delegationOf(
  domain: DomainName,
  { resolver, offersDomainConnect }: Ports,
): Promise<Delegated> {
  const { state, zone, nameServers } = await resolver.delegation(domain);
  if (state === 'no-such-domain') return { registered: false, provider: null, oneClick: false };
  if (zone === undefined) return unknownDelegation;
  const provider = providerOf(nameServers) ?? null;
  if (!offersDomainConnect) return { registered: true, provider, oneClick: false };
  // The record by which a provider offers it (draft-ietf-dconn-domainconnect-05 §7).
  const offer = await resolver.lookup(`_domainconnect.${zone}`, 'TXT');
  const oneClick = offer.outcome === 'unknown' ? null : offer.values.length > 0;
  return { registered: true, provider, oneClick };
}

/** What makes receivers give up on SPF (RFC 7208 §4.5, §4.6). */
const broken: readonly SpfNodeProblem[] = ['no-record', 'several-records', 'invalid', 'loop'];

async function spfOf(
  domain: DomainName,
  { resolver, deployment }: Ports,
): Promise<RowForecast['spf']> {
  const found: Lookup = await resolver.lookup(domain, 'TXT');
  if (found.outcome === 'unknown') return null;
  const records = found.values.filter(isSpfRecord);
  const [record] = records;
  if (record === undefined) return 'none';
  const tree = await spfTree(domain, record, (name, type) => resolver.lookup(name, type));
  if (records.length > 1 || findProblem(tree.root, broken) !== undefined) return 'broken';
  // Our include, and at most one lookup for each sender of ours.
  const ours = 1 + deployment.senders.length;
  return tree.lookups + ours > MAX_LOOKUPS ? 'full' : 'fits';
}

async function dmarcOf(domain: DomainName, { resolver }: Ports): Promise<RowForecast['dmarc']> {
  const policy = await policyInEffect(domain, (name) => resolver.lookup(name, 'TXT'));
  switch (policy.kind) {
    case 'found':
      return { policy: policy.policy.p, own: policy.at === domain };
    case 'none':
      return 'none';
    case 'unknown':
      return null;
  }
}
