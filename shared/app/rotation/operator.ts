import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { Label, TenantId } from '#shared/core/model/names.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { PublicationStore } from '../ports/publication-store.ts';
import type { Queue } from '../ports/queues.ts';
import type { BacklogItem, RotationBacklog } from '../ports/rotation-backlog.ts';
import {
  LABELS_PER_BATCH,
  type MendRequest,
  type RevokeRequest,
  type RotationRequest,
} from '../ports/rotation-requests.ts';
import type { RotationProgress, RotationRun, RotationRuns } from '../ports/rotation-runs.ts';
import { insyncSinceOf } from './gate.ts';

/** What an operator's commands need of the world. */
export interface OperatorPorts {
  readonly claims: Pick<ClaimStore, 'scan' | 'list'>;
  readonly publications: Pick<PublicationStore, 'get'>;
  readonly runs: Pick<RotationRuns, 'latest' | 'progress' | 'save'>;
  readonly backlog: Pick<RotationBacklog, 'list'>;
  readonly rotationQueue: Queue<RotationRequest>;
  readonly clock: Clock;
}

/** How the rotation stands. */
export interface RotationStatus {
  readonly run: RotationRun | undefined;
  readonly progress: RotationProgress | undefined;
  /** What is left over, by kind and reason: how many domains, and some of them. */
  readonly backlog: readonly BacklogGroup[];
}

export interface BacklogGroup {
  readonly kind: BacklogItem['kind'];
  readonly reason: BacklogItem['reason'];
  readonly domains: number;
  /** Those that have waited longest. */
  readonly examples: readonly BacklogItem[];
}

const EXAMPLES = 10;
const CLAIMS_PER_PAGE = 100;

export async function rotationStatus(ports: OperatorPorts): Promise<RotationStatus> {
  const run = await ports.runs.latest();
  const groups = new Map<string, { domains: number; examples: BacklogItem[] }>();
  let cursor: Label | undefined;
  do {
    const page = await ports.backlog.list(cursor);
    for (const item of page.items) {
      const key = `${item.kind} ${item.reason}`;
      const group = groups.get(key) ?? { domains: 0, examples: [] };
      group.domains += 1;
      group.examples = [...group.examples, item]
        .toSorted((a, b) => a.since.localeCompare(b.since))
        .slice(0, EXAMPLES);
      groups.set(key, group);
    }
    ({ cursor } = page);
  } while (cursor !== undefined);
  return {
    run,
    progress: run && (await ports.runs.progress(run.period)),
    backlog: [...groups.values()]
      .map(({ domains, examples }) => {
        const { kind, reason } = examples[0] as BacklogItem;
        return { kind, reason, domains, examples };
      })
      .toSorted((a, b) => b.domains - a.domains),
  };
}

/**
 * Halts the run of the latest period, or lets it go on: what of the sampled mail has failed until
 * then halts it no more.
 *
 * @returns the run; undefined where there is none under way (or none halted)
 * @throws Conflict where the planner is just at it; to be tried again
 */
export async function haltRun(
  reason: string,
  { runs, clock }: OperatorPorts,
): Promise<RotationRun | undefined> {
  const run = await runs.latest();
  if (run === undefined || run.finishedAt !== undefined) return undefined;
  const halted = { at: clock.now().toISOString(), reason };
  const next = { ...run, revision: run.revision + 1, halted };
  await runs.save(next);
  return next;
}

export async function resumeRun({ runs }: OperatorPorts): Promise<RotationRun | undefined> {
  const run = await runs.latest();
  if (run?.halted === undefined) return undefined;
  const { halted: _, ...rest } = run;
  const { waves } = await runs.progress(run.period);
  const pardoned = waves.map(({ unverified }) => unverified);
  const next = { ...rest, revision: run.revision + 1, pardoned };
  await runs.save(next);
  return next;
}

/** What an emergency concerns. */
export interface EmergencyCount {
  /** Domains whose current key is (or would be) revoked. */
  readonly domains: number;
  /** Of these, those with another key on all of our name servers: signing goes on if DNS shows it. */
  readonly switching: number;
  /** The others: their mail waits until a key is fit. */
  readonly pausing: number;
}

/**
 * Has the current keys of a tenant's domains, or of all domains, revoked: counts them and, unless it
 * is a dry run, queues them. The keys are named, so that one that takes over meanwhile stays.
 */
export async function declareEmergency(
  tenant: TenantId | 'all',
  { dryRun }: { readonly dryRun: boolean },
  ports: OperatorPorts,
): Promise<EmergencyCount> {
  let [domains, switching] = [0, 0];
  for await (const page of claimsOf(tenant, ports)) {
    const signing = page.filter(
      ({ lifecycle, keys }) => lifecycle === 'live' && currentKey(keys) !== undefined,
    );
    domains += signing.length;
    for (const [shard, claims] of Map.groupBy(signing, (claim) => claim.shard)) {
      const published = await ports.publications.get(
        shard,
        claims.map(({ label }) => label),
      );
      switching += claims.filter((claim) =>
        claim.keys.some(
          (key) =>
            key.state !== 'current' &&
            key.state !== 'revoked' &&
            insyncSinceOf(claim, key, published.get(claim.label)) !== undefined,
        ),
      ).length;
      if (!dryRun) await ports.rotationQueue.send(revocations(shard, claims));
    }
  }
  return { domains, switching, pausing: domains - switching };
}

function revocations(shard: RevokeRequest['shard'], claims: readonly Claim[]): RevokeRequest[] {
  const keys = claims.flatMap(({ label, keys: ring }) => {
    const current = currentKey(ring);
    return current === undefined ? [] : [{ label, keyId: current.id }];
  });
  return Array.from({ length: Math.ceil(keys.length / LABELS_PER_BATCH) }, (_, index) => ({
    kind: 'revoke',
    shard,
    keys: keys.slice(index * LABELS_PER_BATCH, (index + 1) * LABELS_PER_BATCH),
  }));
}

/**
 * Takes the domains that a period's run has rotated, and that still sign with the key it promoted,
 * back to another key that is intact: the previous one first.
 *
 * @returns how many domains
 */
export async function stepBackRun(
  period: string,
  { dryRun }: { readonly dryRun: boolean },
  ports: OperatorPorts,
): Promise<number> {
  let domains = 0;
  for await (const page of claimsOf('all', ports)) {
    const requests = page.flatMap(({ shard, label, keys, rotated }): MendRequest[] => {
      const current = currentKey(keys);
      const isOfRun = rotated?.period === period && rotated.wave !== undefined;
      if (!isOfRun || current?.since !== rotated.at) return [];
      return [{ kind: 'mend', shard, label, unusable: current.id }];
    });
    domains += requests.length;
    if (!dryRun) await ports.rotationQueue.send(requests);
  }
  return domains;
}

async function* claimsOf(
  tenant: TenantId | 'all',
  { claims }: OperatorPorts,
): AsyncGenerator<readonly Claim[]> {
  let cursor: string | undefined;
  do {
    const page = { limit: CLAIMS_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const found = await (tenant === 'all' ? claims.scan(page) : claims.list(tenant, page));
    yield found.claims;
    ({ cursor } = found);
  } while (cursor !== undefined);
}
