import { isAtOrBelow, type DomainName } from '#shared/core/model/names.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import type { SpfNode, SpfTree } from '#shared/core/spf/tree.ts';
import type { Resolver } from '../../ports/resolver.ts';
import { answersTo, type Observations } from './observations.ts';
import { ownQuestion } from './questions.ts';

/** More dead names than that in one domain's records are reported by the first ones. */
const MOST_DOMAINS = 5;

/**
 * The names of others that a domain's records lead to and find nothing at: CNAME targets, and names
 * of its SPF records. Nothing is queried of a domain whose records are right.
 */
export function leadsOf(
  records: readonly CustomerRecord[],
  observations: Observations,
  { zone }: Pick<Setting, 'zone'>,
  trees: ReadonlyMap<string, SpfTree>,
): string[] {
  const targets = records.flatMap((record) =>
    answersTo(observations, ownQuestion(record)).flatMap(({ values, cnames }) =>
      values.length === 0 ? cnames : [],
    ),
  );
  const names = [...trees.values()].flatMap(({ root }) => deadNames(root));
  return [...new Set([...targets, ...names])].filter((name) => !isAtOrBelow(name, zone));
}

const deadNames = ({ terms }: SpfNode): string[] =>
  terms.flatMap(({ text, voidLookups, node }) => {
    if (node?.problem === 'no-record') return [node.domain];
    if (node !== undefined) return deadNames(node);
    const name = text
      .replace(/^[^:=]*[:=]?/, '')
      .replace(/\/.*$/, '')
      .toLowerCase();
    return voidLookups > 0 && name !== '' && !name.includes('%') ? [name] : [];
  });

/** Returns the domains of names that their registries do not have. */
export async function unregisteredAmong(
  names: readonly string[],
  resolver: Pick<Resolver, 'delegation'>,
): Promise<ReadonlySet<string>> {
  const domains = [...new Set(names.map((name) => registrableDomain(name as DomainName)))];
  const found = await Promise.all(
    domains.slice(0, MOST_DOMAINS).map(async (domain) => {
      const { state } = await resolver.delegation(domain);
      return state === 'no-such-domain' ? [domain] : [];
    }),
  );
  return new Set(found.flat());
}
