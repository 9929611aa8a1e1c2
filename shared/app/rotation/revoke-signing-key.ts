import { isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { repairKeyRing, PAUSED_AGAIN_SECONDS } from './repair-key-ring.ts';
import type { RotationPorts } from './ports.ts';

/**
 * Revokes a key of a claim for good. The table that signer and publisher read comes first: from the
 * next batch on, the key signs no mail. Then another fit key takes its place in the ring, if it was
 * the current one. Where none is fit, mail waits, and the claim is checked every minute.
 *
 * @returns the claim as it now is; undefined where the label has none
 * @throws Conflict where others write the claim each time; the key is revoked all the same
 */
export async function revokeSigningKey(
  { shard, label }: Pick<Claim, 'shard' | 'label'>,
  keyId: KeyId,
  ports: RotationPorts,
): Promise<Claim | undefined> {
  const { revokedKeys, retryTime, rotationQueue } = ports;
  await revokedKeys.add(keyId, retryTime.clock.now().toISOString());
  const again = () =>
    rotationQueue.send([{ kind: 'mend', shard, label }], { delaySeconds: PAUSED_AGAIN_SECONDS });
  try {
    const claim = await repairKeyRing({ shard, label }, { suspicion: 'trusted' }, ports);
    if (claim !== undefined && currentKey(claim.keys) === undefined) await again();
    // Only another key in its place takes this one out of the customer's own DNS: it is made at once.
    if (claim !== undefined && isSelfHosted(claim)) {
      await rotationQueue.send([{ kind: 'mend', shard, label }]);
    }
    return claim;
  } catch (error) {
    // Signing has stopped; it must continue without a second request.
    await again();
    throw error;
  }
}
