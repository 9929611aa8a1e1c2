import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import type { KeySight } from '#shared/core/model/key-verdict.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import { showsKey } from '#shared/core/records/key-text.ts';
import { hostedKeyName, slotName } from '#shared/core/records/kinds/dkim/names.ts';
import type { Resolver } from '../ports/resolver.ts';

type Servers = Pick<Resolver, 'authoritative'>;

/** Receivers follow about as many; longer chains verify nowhere. */
const LONGEST_CHAIN = 8;
/** One server alone proves no absence: it may lag behind the others. */
const LEAST_ANSWERS = 2;

/**
 * Asks the authoritative servers whether receivers find a key by the customer's name (RFC 6376
 * §3.6.2.2), CNAMEs followed. Recursive resolvers are not asked: their caches prove no absence.
 *
 * A server that fails (SERVFAIL) at this name while it answers for another slot has answered: no
 * receiver finds a key there.
 */
export async function queryKey(
  claim: Pick<Claim, 'domain' | 'label' | 'shard' | 'keys'>,
  key: RingKey,
  resolver: Servers,
): Promise<KeySight> {
  const ask = askOnce(resolver);
  const answers = await ask(slotName(key.selector, claim.domain));
  const follow = chainOf(key, hostedKeyName(claim, key.selector), ask);
  const sights = await Promise.all(answers.map((lookup) => follow(lookup, [])));
  if (sights.includes('correct')) return 'correct';
  if (sights.length < LEAST_ANSWERS) return 'unknown';
  if (!sights.includes('unknown')) return 'absent';
  return (await neighboursAnswer(claim, key, ask)) ? 'absent' : 'unknown';
}

type Ask = (name: string) => Promise<readonly Lookup[]>;

/** Several servers lead to the same name: it is queried once. */
function askOnce(resolver: Servers): Ask {
  const asked = new Map<string, Promise<readonly Lookup[]>>();
  return (name) => {
    const answers = asked.get(name) ?? resolver.authoritative(name, 'TXT');
    asked.set(name, answers);
    return answers;
  };
}

/** Follows an answer to the key that it leads to. */
function chainOf(key: RingKey, hosted: string, ask: Ask) {
  const follow = async (
    { outcome, values, cnames }: Lookup,
    passed: string[],
  ): Promise<KeySight> => {
    const [target] = cnames;
    if (target !== undefined) return at(target, passed);
    if (outcome === 'unknown') return 'unknown';
    const [found, ...more] = values;
    return found !== undefined && more.length === 0 && showsKey(found, key) ? 'correct' : 'absent';
  };
  const at = async (name: string, passed: readonly string[]): Promise<KeySight> => {
    if (passed.includes(name) || passed.length >= LONGEST_CHAIN) return 'absent';
    const answers = await ask(name);
    const sights = await Promise.all(answers.map((lookup) => follow(lookup, [...passed, name])));
    const isSilent = sights.every((sight) => sight === 'unknown');
    // Ours are published before a key signs; their silence says nothing about the customer's record.
    if (name === hosted) return isSilent || sights.includes('correct') ? 'correct' : 'absent';
    if (sights.includes('correct')) return 'correct';
    return isSilent ? 'unknown' : 'absent';
  };
  return follow;
}

/** Returns true if the servers answer for another slot of the same domain. */
async function neighboursAnswer(
  { domain, keys }: Pick<Claim, 'domain' | 'keys'>,
  key: RingKey,
  ask: Ask,
): Promise<boolean> {
  const neighbours = keys.filter(({ selector }) => selector !== key.selector);
  const answers = await Promise.all(
    neighbours.map(({ selector }) => ask(slotName(selector, domain))),
  );
  return answers.some(
    (each) => each.filter(({ outcome }) => outcome !== 'unknown').length >= LEAST_ANSWERS,
  );
}
