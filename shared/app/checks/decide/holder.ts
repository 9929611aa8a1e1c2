import type { Claim } from '#shared/core/model/claim.ts';
import { shardNames, type Deployment } from '#shared/core/model/deployment.ts';
import { allKeys } from '#shared/core/model/key-ring.ts';
import { isLabel, type Label, type Selector } from '#shared/core/model/names.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import { publicKeyIn } from '#shared/core/records/key-text.ts';

/** The answers of a domain's own servers at one of the three slots. */
export interface SlotAnswers {
  readonly selector: Selector;
  /** One for each server that answered. */
  readonly answers: readonly Lookup[];
}

/**
 * The holder that DNS names for a domain.
 *
 * - `proven`: one label is at two slots or more.
 * - `none`: no label is; the holder stays.
 * - `unknown`: too few servers answered; changes nothing.
 */
export type Proof =
  | { readonly kind: 'proven'; readonly label: Label }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

/**
 * The owner of a public key, by `ownedAt`: the labels of claims that host their keys themselves.
 */
export type KeyOwners = ReadonlyMap<string, Label>;

/** A key proves its claim at its own slot only. */
export const ownedAt = (selector: Selector, publicKey: string): string =>
  `${selector} ${publicKey}`;

/** The owners of all keys that these claims may have at their slots. */
export const ownersOf = (claims: readonly Claim[]): KeyOwners =>
  new Map(
    claims.flatMap(({ keys, label }) =>
      allKeys(keys).map(({ selector, publicKey }) => [ownedAt(selector, publicKey), label]),
    ),
  );

/**
 * The number of the three slots that prove a label; since two labels cannot both have so many, DNS
 * names at most one.
 */
const SLOTS_TO_PROVE = 2;

/**
 * Reads the proof from the slots. A slot shows a label where every server that answers has a CNAME
 * to that label's key of that slot. The only TXT record, the key of that slot of a self-hosted
 * claim, shows it too; a wildcard's answer does not. A key belongs to its claim only, so a copy
 * proves nothing for its copier.
 *
 * @param probe the answers at a random sibling name of the slots, which only a wildcard answers
 */
export function proofOf(
  slots: readonly SlotAnswers[],
  probe: readonly Lookup[],
  deployment: Pick<Deployment, 'zone' | 'shards'>,
  owners: KeyOwners = new Map(),
): Proof {
  // Without the probe's answer any of the slots' could be a wildcard's.
  if (probe.length === 0) return { kind: 'unknown' };
  const wildcard = new Set(probe.flatMap(({ cnames, values }) => [...cnames, ...values]));
  const shards = new Set<string>(shardNames(deployment));
  const counts = new Map<Label, number>();
  let silent = 0;
  for (const { selector, answers } of slots) {
    if (answers.length === 0) silent += 1;
    const labels = new Set(
      answers.map((answer) => labelIn(selector, answer, { wildcard, shards, owners })),
    );
    const [label] = labels.size === 1 ? labels : [];
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

interface Known {
  readonly wildcard: ReadonlySet<string>;
  readonly shards: ReadonlySet<string>;
  readonly owners: KeyOwners;
}

/** The label that one server's answer at a slot shows. */
function labelIn(
  selector: Selector,
  { cnames: [target], values: [text, ...more] }: Lookup,
  { wildcard, shards, owners }: Known,
): Label | undefined {
  if (target === undefined) {
    if (text === undefined || more.length > 0 || wildcard.has(text)) return undefined;
    return owners.get(ownedAt(selector, publicKeyIn(text)));
  }
  if (wildcard.has(target)) return undefined;
  const prefix = `${selector}._domainkey.`;
  if (!target.startsWith(prefix)) return undefined;
  const [label = '', ...rest] = target.slice(prefix.length).split('.');
  return isLabel(label) && shards.has(rest.join('.')) ? label : undefined;
}
