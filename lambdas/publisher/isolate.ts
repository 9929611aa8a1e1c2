import type { ZoneRefusal } from '#shared/app/ports/zone.ts';
import type { Batch, ClaimChanges } from '#shared/core/records/batches.ts';
import { noteIdle, observe, pack, park, several, type Round, type Work } from './work.ts';

/**
 * Finds the claims that a batch was refused for. It reads those that Route 53 names in the zone,
 * since their records may be there already; one that is refused alone is parked. Where Route 53
 * names none, the batch is halved.
 *
 * @returns what is to be submitted in its place
 */
export async function isolate(
  round: Round,
  entries: readonly ClaimChanges<Work>[],
  refusal: ZoneRefusal,
): Promise<Batch<Work>[]> {
  const isNamed = ({ key }: ClaimChanges<Work>) =>
    refusal.reasons.some((reason) => reason.includes(key.claim.label));
  const [only] = entries;
  if (entries.length === 1 && only?.key.observed === true) {
    await park(round, only.key, refusal.reasons.join('; '));
    return [];
  }
  const culprits = entries.length === 1 ? entries : entries.filter(isNamed);
  const others = entries.filter((entry) => !culprits.includes(entry));
  // With no culprit this holds as well.
  if (culprits.every(({ key }) => key.observed)) {
    if (culprits.length > 0 && others.length > 0) return [others, culprits];
    const half = Math.ceil(entries.length / 2);
    return [entries.slice(0, half), entries.slice(half)];
  }
  const compared: Work[] = [];
  for (const { key } of culprits) {
    const work = key.observed ? key : await observe(round, key);
    round.held.set(work.claim.label, work);
    compared.push(work);
  }
  const idle = compared.filter(({ changes }) => changes.length === 0);
  await several(idle, (work) => noteIdle(round, work));
  const again = pack(compared.filter(({ changes }) => changes.length > 0));
  return others.length > 0 ? [others, ...again] : again;
}
