import type { Identity } from '#shared/app/ports/identities.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import type { Batch } from './batch.ts';
import { isOwn } from './next-step.ts';

/**
 * Ends what a claim that is gone saw of the identity, which goes with the domain's last claim. It
 * takes one call of SES whether or not others have claimed the domain, and none where the claim saw
 * nothing yet, or its end is done. The planner has an identity removed that is left so.
 *
 * @param label of the claim; undefined where the service asks
 * @throws Conflict where another instance works on the identity
 */
export async function endClaim(
  batch: Batch,
  domain: DomainName,
  label: Label | undefined,
): Promise<void> {
  const { identities } = batch.ports;
  if (label === undefined) {
    await removeUnclaimed(batch, domain);
    return;
  }
  if (!(await identities.views([label])).has(label)) return;
  const called = await removeUnclaimed(batch, domain);
  if (!called) await batch.call((ses) => ses.status([domain]));
  await identities.deleteView(label);
}

/** @returns whether SES was called */
async function removeUnclaimed(batch: Batch, domain: DomainName): Promise<boolean> {
  const { claims, identities, log, name } = batch.ports;
  const identity = batch.identity(domain);
  if (identity === undefined || (await claims.hasClaims(domain))) return false;
  if (!isOwn(identity, name)) {
    // Not made here: it stays at SES as it is.
    await batch.delete(identity);
    return false;
  }
  const removing = await markRemoving(batch, identity);
  // A claim that came before the mark keeps it; one that comes after waits for the end.
  if (await claims.hasClaims(domain)) {
    await batch.put({ ...removing, stage: 'made' }, removing);
    return false;
  }
  if (await isSurelyOwn(batch, identity)) {
    await batch.call((ses) => ses.delete(domain));
    log({ kind: 'removed', domain });
    await identities.addUsed(-1);
  }
  await batch.delete(removing);
  return true;
}

/** An intent whose outcome is unknown is none of ours where SES verified it: nobody had its token. */
async function isSurelyOwn(batch: Batch, { stage, domain }: Identity): Promise<boolean> {
  if (stage !== 'making') return true;
  const seen = await batch.call((ses) => ses.status([domain]));
  return seen.get(domain)?.status !== 'ready';
}

const markRemoving = (batch: Batch, identity: Identity): Promise<Identity> =>
  batch.put({ ...identity, stage: 'removing', polledAt: batch.now().toISOString() }, identity);
