import { isDeepStrictEqual } from 'node:util';
import { mapLimited } from '#shared/async/limit.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { FlatteningItem, FlatteningStore } from '#shared/app/ports/flattening-store.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { withChain } from '#shared/core/records/kinds/spf/hosted.ts';
import { flatten } from '#shared/core/spf/flatten.ts';
import { confirmAddresses, type Confirmation } from '#shared/core/spf/confirm-addresses.ts';
import { withAddresses } from '#shared/core/spf/settings.ts';
import { MINUTE_MS, later } from '#shared/core/time.ts';

export interface FlattenerPorts {
  readonly claims: Pick<ClaimStore, 'get' | 'update'>;
  readonly flattenings: FlatteningStore;
  readonly resolver: Pick<Resolver, 'lookup'>;
  readonly deployment: Pick<Deployment, 'senders'>;
  readonly clock: Clock;
}

export type RefreshOutcome = 'unchanged' | 'seen' | 'published' | 'held' | 'failed' | 'forgotten';

/** The item is written before the claim that asks for it; by then that write has come or never will. */
const ORPHAN_MS = 10 * MINUTE_MS;
const SOON_MS = MINUTE_MS;

/**
 * Queries one flattened include, and publishes what two queries agree on by writing the claim,
 * whose records follow from it.
 *
 * @throws Conflict where the claim or the item was changed meanwhile; it is due again soon
 */
export async function refresh(
  item: FlatteningItem,
  ports: FlattenerPorts,
): Promise<RefreshOutcome> {
  const now = ports.clock.now();
  const claim = await ports.claims.get(item);
  const wanted = flattenedOf(claim, item);
  if (claim === undefined || wanted === undefined) return orphan(item, now, ports);
  const seen = await flatten(item.include, (name, type) => ports.resolver.lookup(name, type));
  const decided = confirmAddresses(wanted.addresses, item, seen, now.toISOString());
  const result = await publish(claim, item, decided, now, ports);
  await note(item, result, ports);
  return outcomeOf(result);
}

/** The include as the claim has it, where the claim is the one meant and is hosted in full. */
function flattenedOf(claim: Claim | undefined, { label, include }: FlatteningItem) {
  if (claim?.label !== label || claim.lifecycle !== 'live') return undefined;
  return claim.spf.flattened?.find((one) => one.include === include);
}

/**
 * An include that no claim wants flattened any more, or not yet: the claim may still be written.
 */
async function orphan(
  item: FlatteningItem,
  now: Date,
  { flattenings }: FlattenerPorts,
): Promise<RefreshOutcome> {
  if (now.getTime() - Date.parse(item.begunAt) >= ORPHAN_MS) {
    await flattenings.forget(item.label, item.include);
    return 'forgotten';
  }
  const dueAt = later(now, SOON_MS);
  await flattenings.put({ ...item, revision: item.revision + 1, dueAt });
  return 'unchanged';
}

/** Writes the claim where there is something to publish; what does not fit into its records is held. */
async function publish(
  claim: Claim,
  { include }: FlatteningItem,
  decided: Confirmation,
  now: Date,
  { claims, deployment }: FlattenerPorts,
): Promise<Confirmation> {
  const { publish: addresses } = decided;
  if (addresses === undefined) return decided;
  const at = now.toISOString();
  const spf = withAddresses(claim.spf, include, addresses, at);
  try {
    const next = {
      ...claim,
      version: claim.version + 1,
      spf: withChain({ ...claim, spf }, deployment),
    };
    await claims.update(claim, next);
    return decided;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { publish: _, ...rest } = decided;
    const candidate = { addresses, since: at };
    return { ...rest, state: { candidate, held: { detail: error.message, since: at } } };
  }
}

const note = (
  { candidate: _candidate, held: _held, failure: _failure, ...item }: FlatteningItem,
  { state, dueAt }: Confirmation,
  { flattenings }: FlattenerPorts,
): Promise<void> => flattenings.put({ ...item, ...state, revision: item.revision + 1, dueAt });

function outcomeOf({ state, publish }: Confirmation): RefreshOutcome {
  if (publish !== undefined) return 'published';
  if (state.failure !== undefined) return 'failed';
  if (state.held !== undefined) return 'held';
  return isDeepStrictEqual(state, {}) ? 'unchanged' : 'seen';
}

/** The includes of one run, so that it ends well before its function's time does. */
const MOST_PER_RUN = 500;
const AT_ONCE = 20;

/**
 * Checks every flattened include that is due; what is over the bound is left to the next run, the
 * longest due first. One that fails holds up no other.
 *
 * @param gets each check's outcome
 * @throws AggregateError with the errors of the checks, once all have ended
 */
export async function refreshDue(
  ports: FlattenerPorts,
  reported: (item: FlatteningItem, outcome: RefreshOutcome) => void,
): Promise<void> {
  const due = await ports.flattenings.due(ports.clock.now().toISOString(), MOST_PER_RUN);
  const failures: unknown[] = [];
  const refreshOne = async (item: FlatteningItem): Promise<void> => {
    try {
      reported(item, await refresh(item, ports));
    } catch (error) {
      // Another writer changed the claim or the item: it stays due, and the next run checks again.
      if (!(error instanceof Conflict)) failures.push(error);
    }
  };
  await mapLimited(due, { tasks: AT_ONCE }, refreshOne);
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} of ${due.length} looks failed`);
  }
}
