import { shardNames, type Deployment } from '../domain/deployment.ts';
import { isLabel, type Label, type Selector } from '../domain/names.ts';
import type { Lookup } from '../ports/resolver.ts';

/** What a domain's own servers answered at one of the three slots. */
export interface SlotAnswers {
  readonly selector: Selector;
  /** One for each server that answered. */
  readonly answers: readonly Lookup[];
}

/**
 * Whom DNS names the holder of a domain.
 *
 * - `proven`: one label is at two slots or more.
 * - `none`: no label is; whoever holds the domain goes on holding it.
 * - `unknown`: too few servers answered to tell; changes nothing.
 */
export type Proof =
  | { readonly kind: 'proven'; readonly label: Label }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

/** How many of the three slots prove a label; since two labels cannot both have so many, DNS names at most one. */
const SLOTS_TO_PROVE = 2;

/**
 * Reads the proof from the slots. A slot shows a label where every server that answers has a CNAME
 * there to that label's very key of that slot, and where a wildcard is not what answers.
 *
 * @param probe the answers at a random sibling name of the slots: what a wildcard makes of it
 */
export function proofOf(
  slots: readonly SlotAnswers[],
  probe: readonly Lookup[],
  deployment: Pick<Deployment, 'zone' | 'shards'>,
): Proof {
  // Without the probe's answer any of the slots' could be a wildcard's.
  if (probe.length === 0) return { kind: 'unknown' };
  const wildcard = new Set(probe.flatMap(({ cnames }) => cnames));
  const shards = new Set<string>(shardNames(deployment));
  const counts = new Map<Label, number>();
  let silent = 0;
  for (const { selector, answers } of slots) {
    if (answers.length === 0) silent += 1;
    const label = labelAt(selector, answers, wildcard, shards);
    if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const most = [...counts].reduce<[Label | undefined, number]>(
    (best, entry) => (entry[1] > best[1] ? entry : best),
    [undefined, 0],
  );
  const [label, count] = most;
  if (label !== undefined && count >= SLOTS_TO_PROVE) return { kind: 'proven', label };
  return count + silent >= SLOTS_TO_PROVE ? { kind: 'unknown' } : { kind: 'none' };
}

function labelAt(
  selector: Selector,
  answers: readonly Lookup[],
  wildcard: ReadonlySet<string>,
  shards: ReadonlySet<string>,
): Label | undefined {
  const targets = new Set(answers.map(({ cnames }) => cnames[0]));
  const [target] = targets;
  if (targets.size !== 1 || target === undefined || wildcard.has(target)) return undefined;
  const prefix = `${selector}._domainkey.`;
  if (!target.startsWith(prefix)) return undefined;
  const [label = '', ...rest] = target.slice(prefix.length).split('.');
  return isLabel(label) && shards.has(rest.join('.')) ? label : undefined;
}
