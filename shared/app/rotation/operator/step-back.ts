import { currentKey } from '#shared/core/model/key-ring.ts';
import type { RepairRequest } from '../../ports/rotation-requests.ts';
import { claimPages } from './claim-pages.ts';
import type { OperatorPorts } from './ports.ts';

/**
 * Takes the domains that a period's run has rotated, and that still sign with the key it promoted,
 * back to another key that is intact: the previous one first.
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
