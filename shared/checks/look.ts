import { isSelfHosted, type Claim, type DmarcPolicy } from '../domain/claim.ts';
import type { Deployment } from '../domain/deployment.ts';
import { encodeRandom128 } from '../domain/names.ts';
import { initialPolicy } from '../dmarc/initial-policy.ts';
import { policyInEffect } from '../dmarc/policy-in-effect.ts';
import type { Identity } from '../ports/identities.ts';
import type { Resolver } from '../ports/resolver.ts';
import { customerRecords } from '../records/customer-records.ts';
import { hostedRecords } from '../records/hosted-records.ts';
import { currentSlot } from './evidence.ts';
import { evaluate } from './evaluate.ts';
import { observe, type Observations } from './observations.ts';
import { oldLabels } from './old-labels.ts';
import type { CheckPorts } from './ports.ts';
import { firstQuestions, followUpQuestions } from './questions.ts';
import { spfTrees } from './spf-trees.ts';
import type { SpfTree } from '../spf/tree.ts';
import { isGood, type Setting } from './verdict.ts';
import { within } from './within.ts';

/** For what only explains: third parties' SPF records, and how a domain that is silent is delegated. */
const PATIENCE_MS = 10_000;

/** What was asked of a customer's DNS, and what came back. */
export interface Look {
  readonly observations: Observations;
  readonly setting: Setting;
  /** The policy in effect, asked for while the claim has none; undefined where DNS did not tell. */
  readonly dmarc: DmarcPolicy | undefined;
}

/**
 * Looks at the DNS of a claim's domain: its records first, then what the answers give cause for. How
 * the domain is reached, and who serves it, only where something is amiss.
 */
export async function lookAt(
  claim: Claim,
  identity: Pick<Identity, 'token'> | undefined,
  {
    claims,
    resolver,
    random,
    deployment,
  }: Pick<CheckPorts, 'claims' | 'resolver' | 'random' | 'deployment'>,
): Promise<Look> {
  const { domain } = claim;
  const records = customerRecords(claim, identity, deployment);
  const hosted = new Map(
    hostedRecords(claim, deployment).map(({ name, values }) => [name, values.join('')]),
  );
  const setting: Setting = {
    domain,
    zone: deployment.zone,
    twin: `${claim.label}.${claim.shard}`,
    probe: encodeRandom128(random.bytes(16)),
    hosted,
    spf: new Map(),
    ...(isSelfHosted(claim) ? { own: { ring: claim.keys, past: new Set() } } : {}),
  };
  const [first, dmarc] = await Promise.all([
    observe(resolver, firstQuestions(records, setting)),
    claim.dmarc === undefined ? policyOf(claim, resolver, deployment) : undefined,
  ]);
  const amiss = !evaluate(records, first, setting).every(isGood);
  const [second, spf, delegation, past, old] = await Promise.all([
    observe(resolver, followUpQuestions(records, setting, currentSlot(claim), first)),
    within(
      PATIENCE_MS,
      spfTrees(records, domain, first, hosted, deployment.senders, resolver),
      new Map<string, SpfTree>(),
    ),
    amiss ? within(PATIENCE_MS, resolver.delegation(domain), undefined) : undefined,
    amiss && isSelfHosted(claim) ? claims.pastKeys(claim.label) : [],
    amiss ? oldLabels(claim, first, deployment.zone, claims) : undefined,
  ]);
  const own = setting.own && {
    ...setting.own,
    past: new Set(past.map(({ publicKey }) => publicKey)),
  };
  return {
    observations: new Map([...first, ...second]),
    setting: {
      ...setting,
      spf,
      ...(own === undefined ? {} : { own }),
      ...(old === undefined ? {} : { old }),
      ...(delegation === undefined ? {} : { delegation }),
    },
    dmarc,
  };
}

async function policyOf(
  { domain }: Claim,
  resolver: Pick<Resolver, 'lookup'>,
  deployment: Deployment,
): Promise<DmarcPolicy | undefined> {
  const effect = await policyInEffect(domain, (name) => resolver.lookup(name, 'TXT'));
  return initialPolicy(effect, deployment);
}
