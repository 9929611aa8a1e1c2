import { within } from '#shared/async/timeout.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { answered, type RecordType } from '#shared/core/model/lookup.ts';
import { presentSetsOf, type PresentSets } from '#shared/core/records/present-sets.ts';
import {
  isRemaining,
  remainingChanges,
  type CheckedRecord,
  type RemainingChange,
} from '#shared/core/records/remaining-change.ts';

/** So that an export is answered though servers of the domain are silent. */
const TIMEOUT_MS = 8_000;

/**
 * Returns what remains to be done for a domain, by its last check and by what its own servers have
 * at the names of those records now.
 */
export async function changesNow(
  records: readonly CheckedRecord[],
  resolver: Pick<Resolver, 'authoritative' | 'delegatedTo'>,
  timeoutMs = TIMEOUT_MS,
): Promise<RemainingChange[]> {
  const remaining = records.filter(isRemaining);
  const names = new Map(Map.groupBy(remaining, ({ name }) => name));
  const seen = await Promise.all(
    [...names].map(async ([name, some]): Promise<[string, PresentSets]> => {
      const types = new Set(some.map(({ type }) => type));
      return [name, await within(timeoutMs, presentAt(name, types, resolver), { kind: 'unseen' })];
    }),
  );
  return remainingChanges(remaining, new Map(seen));
}

/**
 * Asks for TXT where a CNAME is wanted: a server answers with either. Where a subdomain is to be
 * delegated, only the zone above counts.
 */
async function presentAt(
  name: string,
  wanted: ReadonlySet<CheckedRecord['type']>,
  resolver: Pick<Resolver, 'authoritative' | 'delegatedTo'>,
): Promise<PresentSets> {
  if (wanted.has('NS')) {
    return presentSetsOf(new Map([['NS', answered(await resolver.delegatedTo(name))]]));
  }
  const ask = async (types: readonly RecordType[]) =>
    Promise.all(
      types.map(
        async (type) => [type, answered(await resolver.authoritative(name, type))] as const,
      ),
    );
  const first = await ask(wanted.has('MX') ? ['TXT', 'MX'] : ['TXT']);
  const exists = first.some(([, answers]) => answers.some(({ outcome }) => outcome === 'ok'));
  const others = wanted.has('CNAME') && exists ? await ask(othersBesideCname) : [];
  return presentSetsOf(new Map([...first, ...others]));
}

/** The types that are most likely at a name where a CNAME would conflict with them. */
const othersBesideCname: readonly RecordType[] = ['A', 'AAAA', 'MX'];
