import { isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { repairKeyRing, PAUSED_AGAIN_SECONDS } from './repair-key-ring.ts';
import type { RotationPorts } from './ports.ts';

/**
 * Revokes a key of a claim for good: first in the table that signer and publisher consult, so that no
 * mail is signed with it from the next batch on, then in the ring, where another key that is fit
 * takes its place if it was the current one. Where none is, mail waits, and the claim is looked at
 * again every minute.
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
    // Signing has stopped; that it goes on must not hang on whoever asked asking again.
    await again();
    throw error;
  }
}
