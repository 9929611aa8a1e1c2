import { requireNoPlan } from '#shared/app/claims/require-no-plan.ts';
import { isDeepStrictEqual } from 'node:util';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { within } from '#shared/async/timeout.ts';
import {
  isDelegated,
  isParked,
  isSelfHosted,
  type Claim,
  type ClaimKey,
  type Hosting,
  type SpfSettings,
} from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import {
  hostedSpfName,
  hostedSpfNames,
  promisedLookups,
  spfTexts,
  withChain,
} from '#shared/core/records/kinds/spf/hosted.ts';
import { composeSpf } from '#shared/core/spf/compose.ts';
import { MAX_LOOKUPS, MAX_VOID_LOOKUPS, type SpfLookup } from '#shared/core/spf/evaluate.ts';
import { changeSpf, withAddresses, type SpfChange } from '#shared/core/spf/settings.ts';
import {
  findProblem,
  isTooLarge,
  spfTree,
  type SpfNode,
  type SpfTerm,
} from '#shared/core/spf/tree.ts';
import { changedDkim, forgetWaiting, type DkimRequest } from './change-dkim.ts';
import { changedDmarc, type DmarcRequest } from './change-dmarc.ts';
import { changedHosting } from './change-hosting.ts';
import type { DomainPorts } from './ports.ts';
import { requireClaim } from './require-claim.ts';

export interface DomainChange {
  readonly hosting?: Hosting | undefined;
  readonly spf?: SpfChange | undefined;
  readonly dmarc?: DmarcRequest | undefined;
  readonly dkim?: DkimRequest | undefined;
}

type ChangePorts = Pick<
  DomainPorts,
  | 'claims'
  | 'resolver'
  | 'deployment'
  | 'flattenings'
  | 'disclosures'
  | 'discloses'
  | 'clock'
  | 'checks'
>;

/** The time-out for third parties' records; those unknown by then do not block the change. */
const TIMEOUT_MS = 8_000;

/**
 * Changes the host of a domain's keys and DMARC policy, its hosted SPF and DMARC records, and the
 * fate of retired keys. It makes one conditional write, which publishing follows. A change that
 * changes nothing writes nothing.
 *
 * @throws Refusal `not-found`, `domain-deleting`, `spf-invalid`, `spf-too-long`,
 * `spf-too-many-lookups`, `dmarc-invalid`, `disclosure-not-offered`, `cnames-not-seen`
 * @throws Conflict where others write the claim each time
 */
export async function changeDomain(
  key: ClaimKey,
  change: DomainChange,
  ports: ChangePorts,
): Promise<Claim> {
  const claim = await writeChange(key, change, ports);
  if (change.dkim?.disclosure === false) await forgetWaiting(claim, ports);
  if (change.hosting !== undefined) await checkSoon(claim, ports);
  return claim;
}

/** The host decides which records are right; a check sees that again within a minute. */
async function checkSoon(
  { tenant, domain, label }: Claim,
  { checks, clock }: Pick<DomainPorts, 'checks' | 'clock'>,
): Promise<void> {
  await checks.schedule({ tenant, domain, label, dueAt: clock.now().toISOString() });
}

async function writeChange(
  key: ClaimKey,
  change: DomainChange,
  ports: ChangePorts,
): Promise<Claim> {
  return retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, ports.claims);
    if (claim.lifecycle !== 'live') {
      throw new Refusal(
        'domain-deleting',
        `${claim.domain} is being deleted; claim it again with POST /v1/domains to undo that.`,
      );
    }
    if (isParked(claim)) requireParkedChange(claim, change);
    if (isDelegated(claim)) requireSameHosting(claim, change);
    const next = await changed(claim, change, ports);
    if (isDeepStrictEqual({ ...next, version: claim.version }, claim)) return claim;
    await scheduleFlattening(claim, next, ports);
    await ports.claims.update(claim, next);
    return next;
  });
}

/**
 * Of a parked domain only the tags of its DMARC policy change: it has no keys and no senders.
 *
 * @throws Refusal `domain-parked`
 */
function requireParkedChange({ domain }: Claim, { spf, dkim, hosting, dmarc }: DomainChange): void {
  if ([spf, dkim, hosting, dmarc?.plan].every((one) => one === undefined)) return;
  throw new Refusal(
    'domain-parked',
    `${domain} is parked: it has no keys, no senders and no DMARC plan to change. To send from it, delete it, and claim it again once it is deleted.`,
  );
}

/**
 * A delegated domain stays one: its DNS has no other record of the customer's.
 *
 * @throws Refusal `domain-delegated`
 */
function requireSameHosting({ domain }: Claim, { hosting }: DomainChange): void {
  if (hosting === undefined) return;
  throw new Refusal(
    'domain-delegated',
    `${domain} is delegated to this service. To host its records yourself, delete it, and claim it again once it is deleted.`,
  );
}

async function changed(
  before: Claim,
  { spf, dmarc, dkim, hosting }: DomainChange,
  ports: ChangePorts,
): Promise<Claim> {
  const { deployment, clock, resolver } = ports;
  let claim = dkim === undefined ? before : changedDkim(before, dkim, ports);
  if (dmarc !== undefined) claim = changedDmarc(claim, dmarc, deployment, clock.now());
  if (hosting !== undefined) claim = await changedHosting(claim, hosting, resolver);
  if (isSelfHosted(claim)) requireNoPlan(claim);
  return {
    ...claim,
    version: claim.version + 1,
    ...(spf === undefined ? {} : { spf: await changedSpf(claim, spf, ports) }),
  };
}

async function changedSpf(
  claim: Claim,
  change: SpfChange,
  ports: ChangePorts,
): Promise<SpfSettings> {
  const { domain } = claim;
  const { deployment } = ports;
  const changed = changeSpf(claim.spf, change, { domain, zone: deployment.zone });
  const settings = await confirmed(claim, changed, change.confirm ?? [], ports);
  const spf = withChain({ ...claim, spf: settings }, deployment);
  await requireFewLookups({ ...claim, spf }, ports);
  return spf;
}

/** Publishes what was held for the customer to confirm (`secondLook`). */
async function confirmed(
  claim: Claim,
  settings: SpfSettings,
  includes: readonly string[],
  { flattenings, clock }: ChangePorts,
): Promise<SpfSettings> {
  if (includes.length === 0) return settings;
  const states = await flattenings.of(claim.label);
  return includes.reduce((spf, include) => {
    const state = states.find((one) => one.include === include);
    if (state?.held === undefined || state.candidate === undefined) {
      throw new Refusal('spf-invalid', `Nothing of "${include}" waits to be confirmed.`);
    }
    return withAddresses(spf, include, state.candidate.addresses, clock.now().toISOString());
  }, settings);
}

/**
 * Refuses a record that breaks the customer's whole SPF for receivers, as far as DNS shows: too
 * many lookups, or a target without a record.
 */
async function requireFewLookups(
  claim: Claim,
  { resolver, deployment }: ChangePorts,
): Promise<void> {
  const texts = spfTexts(claim, deployment);
  const promised = promisedLookups(claim, deployment);
  if (promised > MAX_LOOKUPS) throw tooManyLookups(promised);
  const names = hostedSpfNames(claim);
  const lookup: SpfLookup = async (name, type) => {
    const text = type === 'TXT' ? texts[names.indexOf(name)] : undefined;
    return text === undefined ? resolver.lookup(name, type) : { outcome: 'ok', values: [text] };
  };
  const top = composeSpf(claim.domain, [`include:${hostedSpfName(claim)}`], '~all');
  const tree = await within(TIMEOUT_MS, spfTree(claim.domain, top, lookup), undefined);
  if (tree === undefined) return;
  for (const { node } of customerTerms(tree.root, names, deployment.senders)) {
    const broken = node && findProblem(node, ['no-record', 'several-records', 'invalid', 'loop']);
    if (broken !== undefined) throw leadsNowhere(broken);
  }
  if (tree.lookups > MAX_LOOKUPS) throw tooManyLookups(tree.lookups);
  if (isTooLarge(tree)) throw tooManyVoids(tree.voidLookups);
}

/** The terms of the chain but for the service's own, whose faults are not the customer's to repair. */
const customerTerms = (
  node: SpfNode,
  chain: readonly string[],
  senders: readonly string[],
): readonly SpfTerm[] =>
  node.terms.flatMap((term) => {
    if (term.node !== undefined && chain.includes(term.node.domain)) {
      return customerTerms(term.node, chain, senders);
    }
    return senders.includes(term.text) ? [] : [term];
  });

/**
 * Before the claim's own write: the first check forgets an include that is noted without its claim.
 */
async function scheduleFlattening(
  before: Claim,
  next: Claim,
  { flattenings, clock }: ChangePorts,
): Promise<void> {
  const known = new Set(before.spf.flattened?.map(({ include }) => include));
  const { tenant, domain, label } = next;
  for (const { include } of next.spf.flattened ?? []) {
    if (known.has(include)) continue;
    await flattenings.begin({ tenant, domain, label, include, now: clock.now().toISOString() });
  }
}

const tooManyLookups = (lookups: number) =>
  new Refusal(
    'spf-too-many-lookups',
    `With this, the SPF record would take ${lookups} DNS lookups, and receivers follow ${MAX_LOOKUPS}. List addresses instead of names, or have an include flattened. (Each include, a, mx and exists is one, together with those within what it includes.)`,
  );

const tooManyVoids = (voids: number) =>
  new Refusal(
    'spf-too-many-lookups',
    `With this, ${voids} DNS lookups of the SPF record would find nothing, and receivers put up with ${MAX_VOID_LOOKUPS}. Remove the names that do not exist.`,
  );

const problems = {
  'no-record': 'there is no SPF record',
  'several-records': 'there are several SPF records, which is an error',
  invalid: 'the SPF record is wrong',
  loop: 'an SPF record includes itself',
} as const;

const leadsNowhere = ({ domain, problem, detail }: SpfNode) =>
  new Refusal(
    'spf-invalid',
    `The SPF record cannot lead to ${domain}: ${problems[problem as keyof typeof problems]} there${detail === undefined ? '' : ` (${detail})`}. Receivers would count your whole SPF as broken.`,
  );
