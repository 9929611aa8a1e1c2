import { identityViews } from '#shared/app/identity-views.ts';
import { isParked, isProven, type Claim, type ClaimKey } from '#shared/core/model/claim.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import { DAY_MS, HOUR_MS } from '#shared/core/time.ts';
import type { HeldClaim } from '#shared/app/ports/claim-store.ts';
import type { Identity, IdentityView } from '#shared/app/ports/identities.ts';
import type { IdentityRequest } from '#shared/app/ports/queues.ts';
import { readApart } from '#shared/app/stored-items.ts';
import type { Batch } from './batch.ts';
import type { IdentityPorts } from './ports.ts';
import { isFirst, type Turn } from './take-turn.ts';

/**
 * The greatest age of a status: that of a confirmed identity, which hardly changes, and any other.
 */
const READY_KEPT_MS = HOUR_MS;
const KEPT_MS = 5_000;
/** How long SES is not asked about an identity that is somebody else's. */
const FOREIGN_KEPT_MS = DAY_MS;

/** What a message asks for, with what is stored about it. */
export interface Task {
  readonly request: IdentityRequest;
  /** The claim; undefined where it is gone, and for a request of the service. */
  readonly claim: Claim | undefined;
  /** False where a request of the service is about a domain without claims. */
  readonly isClaimed: boolean;
  readonly turn: Turn;
}

export interface Read {
  readonly tasks: readonly Task[];
  readonly identities: Map<DomainName, Identity>;
  /** The requests about items that cannot be read. */
  readonly malformed: ReadonlyMap<IdentityRequest, unknown>;
}

/** Reads what is stored about requests, in a few batches. */
export async function readTasks(
  { claims, identities }: IdentityPorts,
  requests: readonly IdentityRequest[],
): Promise<Read> {
  const domains = [...new Set(requests.map(({ domain }) => domain))];
  const stored = await readApart(domains, (some) => identities.getMany(some));
  const keyOf = new Map(requests.flatMap((request) => keysIn(request)));
  const keys = [...keyOf.values()];
  const held = await readApart<ClaimKey, HeldClaim>(keys, async (some) => {
    const found = await claims.getHeld(some);
    return new Map(some.map((key, index) => [key, found[index] as HeldClaim]));
  });
  const malformed = new Map<IdentityRequest, unknown>();
  const heldOf = (request: IdentityRequest): HeldClaim | undefined => {
    const key = keyOf.get(request);
    const found = key && held.found.get(key);
    return found?.claim?.label === request.claim?.label ? found : undefined;
  };
  for (const request of requests) {
    const key = keyOf.get(request);
    const error = stored.malformed.get(request.domain) ?? (key && held.malformed.get(key));
    if (error !== undefined) malformed.set(request, error);
  }
  const readable = requests.filter((request) => !malformed.has(request));
  const views = await identityViews(
    readable.flatMap((request) => heldOf(request)?.claim ?? []),
    identities,
  );
  const tasks: Task[] = [];
  for (const request of readable) {
    const { domain } = request;
    const found = heldOf(request);
    const isClaimed = request.claim !== undefined || (await claims.hasClaims(domain));
    tasks.push({
      request,
      claim: found?.claim,
      isClaimed,
      turn: turnOf(request, found, views),
    });
  }
  return { tasks, identities: stored.found, malformed };
}

const keysIn = (request: IdentityRequest): [IdentityRequest, ClaimKey][] => {
  const { domain, claim } = request;
  return claim === undefined ? [] : [[request, { tenant: claim.tenant, domain }]];
};

const turnOf = (
  { domain, claim, recordSeen = false }: IdentityRequest,
  held: HeldClaim | undefined,
  views: ReadonlyMap<Label, IdentityView>,
): Turn => ({
  domain,
  claim,
  view: claim && views.get(claim.label),
  recordSeen,
  holds:
    held?.claim !== undefined && isProven(held.claim) && held.holder?.label === held.claim.label,
});

/** Returns true if the claim is gone or, of a request of the service, all claims of the domain. */
export const hasEnded = ({ request, claim, isClaimed }: Task): boolean =>
  request.claim === undefined ? !isClaimed : claim === undefined;

/** Returns true if a task's turn begins with a question to SES. */
export function asksSes(task: Task, batch: Batch): boolean {
  const { claim, turn } = task;
  if (hasEnded(task) || (claim !== undefined && isParked(claim))) return false;
  if (turn.claim === undefined) return true;
  const { view, domain, holds } = turn;
  const age = (at: string): number => batch.now().getTime() - Date.parse(at);
  const known = batch.identity(domain);
  // The first turn of a claim is as long as any other's; later ones spare SES the question.
  if (view?.status === 'held' && known?.stage === 'foreign') {
    return age(known.polledAt) >= FOREIGN_KEPT_MS;
  }
  if (known?.stage === 'foreign') return true;
  if (view === undefined || isFirst(turn)) return true;
  if (holds && view.hasMailFrom !== true) return true;
  return age(view.polledAt) >= (view.status === 'ready' ? READY_KEPT_MS : KEPT_MS);
}
