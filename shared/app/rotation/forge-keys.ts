import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { SlotKey } from '#shared/core/model/key-ring.ts';
import type { Label, Selector } from '#shared/core/model/names.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import type { KeyForge } from '../ports/key-vault.ts';
import { forgeKey } from './forge.ts';
import type { KeyRate } from './key-rate.ts';
import type { RotationPorts } from './ports.ts';
import { faultOf, waits, type Ready, type Waits } from './step.ts';

/** A key, or why there is none: KMS or the key rate gave none in time, or the claim met a fault. */
export type Forged = SlotKey | RotationOutcome | Waits;

/**
 * Makes the keys that claims need before they rotate, each when the rate allows.
 *
 * @param until epoch milliseconds after which none is made
 * @returns the keys by label; claims that need none are left out
 */
export async function forgeKeys(
  ready: readonly Ready[],
  { rate, until }: { readonly rate: KeyRate; readonly until: number },
  ports: RotationPorts,
): Promise<Map<Label, Forged>> {
  const wanting = ready.flatMap(({ claim, refill }) =>
    refill === undefined ? [] : [{ claim, selector: refill }],
  );
  if (wanting.length === 0) return new Map();
  const times = await rate.reserve(wanting.length);
  const slowing = { ...ports, forge: slowingDown(ports.forge, rate) };
  const { clock, sleep } = ports.retryTime;
  const keys = wanting.map(async ({ claim, selector }, index): Promise<[Label, Forged]> => {
    const at = times[index] ?? until;
    if (at >= until) return [claim.label, waits(new Throttled('the key rate'))];
    const pause = at - clock.now().getTime();
    if (pause > 0) await sleep(pause);
    return [claim.label, await forged(claim, selector, until, slowing)];
  });
  return new Map(await Promise.all(keys));
}

async function forged(
  claim: Claim,
  selector: Selector,
  until: number,
  ports: RotationPorts,
): Promise<Forged> {
  try {
    return await forgeKey(selector, claim, ports, until);
  } catch (error) {
    return ports.isOutage(error) ? waits(error as Error) : faultOf(error, claim.label, ports);
  }
}

/** Notes each throttle of KMS with the key rate. */
const slowingDown = (forge: KeyForge, rate: KeyRate): KeyForge => ({
  async generate(algorithm, context) {
    try {
      return await forge.generate(algorithm, context);
    } catch (error) {
      if (error instanceof Throttled) await rate.slowDown(error);
      throw error;
    }
  },
});
