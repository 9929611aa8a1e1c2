import { isDelegated, isParked, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { encodeRandom128 } from '#shared/core/model/names.ts';
import { initialDmarc } from '#shared/core/dmarc/initial-policy.ts';
import { policyInEffect } from '#shared/core/dmarc/policy-in-effect.ts';
import type { IdentityToken } from '#shared/core/records/kind.ts';
import type { Resolver } from '../ports/resolver.ts';
import {
  checkedRecords,
  isDelegation,
  kindOf,
  type CustomerRecord,
} from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { currentSlot } from './decide/evidence.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { observe, type Observations, type Question } from './lookup/observations.ts';
import { oldLabels } from './lookup/old-labels.ts';
import type { CheckPorts } from './ports.ts';
import { firstQuestions, followUpQuestions, slotQuestion } from './lookup/questions.ts';
import { refusingHosts } from './lookup/report-consent.ts';
import { leadsOf, unregisteredAmong } from './lookup/unregistered.ts';
import { spfTrees } from './lookup/spf-trees.ts';
import type { SpfTree } from '#shared/core/spf/tree.ts';
import { isGood } from './evaluate/combined.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { within } from '#shared/async/timeout.ts';

/** For what only explains: third parties' SPF records, and how a domain that is silent is delegated. */
const TIMEOUT_MS = 10_000;

/** The questions to a customer's DNS, and the answers. */
export interface QueriedRecords {
  /** The records that were queried. */
  readonly records: readonly CustomerRecord[];
  readonly observations: Observations;
  readonly setting: Setting;
  /**
   * The policy in effect, asked for while the claim has none; without a policy where DNS did not answer.
   */
  readonly dmarc: Pick<Claim, 'dmarc' | 'dmarcStart'> | undefined;
}

/**
 * Queries the DNS of a claim's domain: its records first, then what the answers give cause for.
 * Queries its delegation and servers only where something is amiss.
 */
export async function queryRecords(
  claim: Claim,
  identity: IdentityToken | undefined,
  {
    claims,
    resolver,
    random,
    deployment,
  }: Pick<CheckPorts, 'claims' | 'resolver' | 'random' | 'deployment'>,
): Promise<QueriedRecords> {
  const { domain } = claim;
  const records = checkedRecords(claim, identity, deployment);
  const hosted = new Map(
    hostedRecords(claim, deployment).map(({ name, values }) => [name, values.join('')]),
  );
  const setting: Setting = {
    domain,
    zone: deployment.zone,
    hostedName: `${claim.label}.${claim.shard}`,
    probe: encodeRandom128(random.bytes(16)),
    hosted,
    spf: new Map(),
    ...(isSelfHosted(claim) ? { own: { ring: claim.keys, past: new Set() } } : {}),
  };
  const [first, dmarc] = await Promise.all([
    observe(resolver, [
      ...firstQuestions(records, setting),
      ...rivalQuestions(claim, deployment, setting.probe),
    ]),
    claim.dmarc === undefined ? policyOf(claim, resolver, deployment) : undefined,
  ]);
  const amiss = !evaluate(records, first, setting).every(isGood);
  const trees = spfTrees(records, setting, first, hosted, deployment.senders, resolver);
  const unregisteredIn = async (): Promise<ReadonlySet<string>> =>
    unregisteredAmong(leadsOf(records, first, setting, await trees), resolver);
  const [second, spf, unregistered, refusing, delegation, past, old] = await Promise.all([
    observe(
      resolver,
      followUpQuestions(explained(claim, records), setting, currentSlot(claim), first),
    ),
    within(TIMEOUT_MS, trees, new Map<string, SpfTree>()),
    within(TIMEOUT_MS, unregisteredIn(), new Set<string>()),
    within(TIMEOUT_MS, refusingHosts(records, first, domain, resolver), new Set<string>()),
    amiss ? within(TIMEOUT_MS, resolver.delegation(domain), undefined) : undefined,
    amiss && isSelfHosted(claim) ? claims.pastKeys(claim.label) : [],
    amiss ? oldLabels(claim, first, deployment.zone, claims) : undefined,
  ]);
  const own = setting.own && {
    ...setting.own,
    past: new Set(past.map(({ publicKey }) => publicKey)),
  };
  return {
    records,
    observations: new Map([...first, ...second]),
    setting: {
      ...setting,
      spf,
      unregistered,
      refusing,
      ...(own === undefined ? {} : { own }),
      ...(old === undefined ? {} : { old }),
      ...(delegation === undefined ? {} : { delegation }),
    },
    dmarc,
  };
}

/** The records whose faults somebody is to correct: those in a zone of ours are none, but prove. */
const explained = (claim: Claim, records: readonly CustomerRecord[]): readonly CustomerRecord[] =>
  isDelegated(claim)
    ? records.filter((record) => isDelegation(record) || kindOf(record).isProof === true)
    : records;

/** A parked domain has no keys, but those of a rival would be its proof. */
const rivalQuestions = (claim: Claim, deployment: Deployment, probe: string): Question[] =>
  isParked(claim)
    ? [
        ...deployment.selectors.map((selector) => slotQuestion(selector, claim.domain)),
        { view: 'authoritative', name: `${probe}._domainkey.${claim.domain}`, type: 'TXT' },
      ]
    : [];

async function policyOf(
  { domain }: Claim,
  resolver: Pick<Resolver, 'lookup'>,
  deployment: Deployment,
): Promise<Pick<Claim, 'dmarc' | 'dmarcStart'>> {
  const effect = await policyInEffect(domain, (name) => resolver.lookup(name, 'TXT'));
  return initialDmarc(effect, deployment);
}
