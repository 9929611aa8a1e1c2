import { currentKey } from '#shared/core/model/key-ring.ts';
import type { RepairRequest } from '../../ports/rotation-requests.ts';
import { claimPages } from './claim-pages.ts';
import type { OperatorPorts } from './ports.ts';

/**
 * Moves domains back from the key that a period's run promoted to another intact key, the previous
 * one first. It skips domains that no longer sign with that key.
 *
 * @returns how many domains
 */
export async function stepBackRun(
  period: string,
  { dryRun }: { readonly dryRun: boolean },
  ports: OperatorPorts,
): Promise<number> {
  let domains = 0;
  for await (const page of claimPages('all', ports)) {
    const requests = page.flatMap(({ shard, label, keys, rotated }): RepairRequest[] => {
      const current = currentKey(keys);
      const isOfRun = rotated?.period === period && rotated.wave !== undefined;
      if (!isOfRun || current?.since !== rotated.at) return [];
      return [{ kind: 'mend', shard, label, unusable: current.id }];
    });
    domains += requests.length;
    if (!dryRun) await ports.rotationQueue.send(requests);
  }
  return domains;
}
