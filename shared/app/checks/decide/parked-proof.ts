import { shardNames, type Deployment } from '#shared/core/model/deployment.ts';
import { isLabel } from '#shared/core/model/names.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import type { Proof } from './holder.ts';

const PREFIX = '_dmarc.';

/**
 * Reads the proof of a parked domain from its `_dmarc` name, which can be a CNAME to one label only:
 * every server that answers has the CNAME, and no wildcard answers with it.
 *
 * @param answers of the domain's own servers at `_dmarc`
 * @param probe their answers at a random sibling name
 */
export function parkedProofOf(
  answers: readonly Lookup[],
  probe: readonly Lookup[],
  deployment: Pick<Deployment, 'zone' | 'shards'>,
): Proof {
  // Without the probe's answer this one could be a wildcard's.
  if (answers.length === 0 || probe.length === 0) return { kind: 'unknown' };
  const wildcard = new Set(probe.flatMap(({ cnames }) => cnames));
  const targets = new Set(answers.map(({ cnames: [target] }) => target));
  const [target] = targets;
  if (targets.size > 1 || target === undefined || wildcard.has(target)) return { kind: 'none' };
  if (!target.startsWith(PREFIX)) return { kind: 'none' };
  const [label = '', ...shard] = target.slice(PREFIX.length).split('.');
  const isShard = new Set<string>(shardNames(deployment)).has(shard.join('.'));
  return isLabel(label) && isShard ? { kind: 'proven', label } : { kind: 'none' };
}
