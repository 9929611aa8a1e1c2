import type { DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import type { DelegationSet } from '../ports/delegated-zones.ts';
import type { DelegationPorts } from './ports.ts';

type SetPorts = Pick<DelegationPorts, 'host' | 'name'>;

const prefixOf = (name: string): string => `${name}-delegation-`;

/**
 * Returns a delegation set that has room for a zone: one that is there, or else a new one. Its caller
 * reference is its number, so that two who make one at a time get the same.
 *
 * @throws ZoneNotMade where the account may have no further set
 */
export async function setWithRoom({ host, name }: SetPorts): Promise<DelegationSet> {
  const prefix = prefixOf(name);
  const sets = await host.sets(prefix);
  for (const set of sets) if ((await host.roomIn(set.id)) > 0) return set;
  return host.createSet(`${prefix}${sets.length + 1}`);
}

/** @throws Error where somebody deleted the set, which Route 53 refuses while it has zones */
export async function setOf(
  { set: id, domain }: DelegatedZone,
  { host, name }: SetPorts,
): Promise<DelegationSet> {
  const set = (await host.sets(prefixOf(name))).find((one) => one.id === id);
  if (set === undefined) throw new Error(`the delegation set ${id} of ${domain} is gone`);
  return set;
}
