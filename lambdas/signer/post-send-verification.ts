import { verifyMessage } from '#shared/core/dkim/verify.ts';
import type { TxtAnswer } from '#shared/core/dkim/resolver.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import type { RotationRuns } from '#shared/app/ports/rotation-runs.ts';
import { isNewlyPromoted } from './newly-promoted.ts';
import type { Log } from '#shared/app/ports/log.ts';
import { HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';

/** During a wave's post-send verification, a key is checked again after a while. */
const RECENT_WAVE_MS = 3 * HOUR_MS;
const VERIFY_AGAIN_MS = 20 * MINUTE_MS;
/** Every other key that signs is sampled so often. */
const SAMPLE_AGAIN_MS = HOUR_MS;
/** Keys remembered at once; about 100 octets each. */
const MAX_KEYS = 20_000;

export interface PostSendVerificationPorts {
  readonly resolver: Pick<Resolver, 'lookup'>;
  readonly runs: Pick<RotationRuns, 'countSample'>;
  readonly rotationQueue: Queue<RepairRequest>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The signer's samples of its outgoing mail. */
export interface PostSendVerification {
  /** Gets each mail that SES accepted, in the octets that it was given. */
  sent(raw: Buffer, claim: Claim, key: RingKey): void;
  /** Waits for the verifications under way. */
  settle(): Promise<void>;
}

/**
 * Verifies samples of the mail of every domain, as a receiver would, by public DNS at the customer's
 * name: a mail of each key an hour. The first mails of a key that a run promoted count for the run's
 * wave: this sample can halt the run. Where a mail does not verify, the key ring is repaired.
 */
export function postSendVerification(ports: PostSendVerificationPorts): PostSendVerification {
  const seen = new Map<string, number>();
  let underWay: Promise<void>[] = [];
  return {
    sent(raw, claim, key) {
      const now = ports.clock.now();
      const last = seen.get(key.id);
      const ofWave = isNewlyPromoted(claim, key, now) && isDueInWave(last, key, now.getTime());
      if (!ofWave && last !== undefined && now.getTime() - last < SAMPLE_AGAIN_MS) return;
      if (seen.size >= MAX_KEYS) seen.clear();
      seen.set(key.id, now.getTime());
      underWay.push(verify(raw, claim, key, ofWave ? claim.rotated : undefined, ports));
    },
    async settle() {
      const verifications = underWay;
      underWay = [];
      await Promise.all(verifications);
    },
  };
}

/** @param last when the key was last verified, epoch milliseconds */
function isDueInWave(last: number | undefined, { since }: RingKey, now: number): boolean {
  if (last === undefined) return true;
  const isInRecentWave = now - Date.parse(since ?? '') < RECENT_WAVE_MS;
  return isInRecentWave && now - last >= VERIFY_AGAIN_MS;
}

/**
 * No error here fails a mail.
 *
 * @param rotated of a sample that counts for the wave of a run
 */
async function verify(
  raw: Buffer,
  claim: Claim,
  key: RingKey,
  rotated: Claim['rotated'],
  ports: PostSendVerificationPorts,
): Promise<void> {
  const { runs, rotationQueue, clock, log } = ports;
  const { domain, label, shard } = claim;
  const names = { domain, selector: key.selector, keyId: key.id };
  try {
    const results = await verifyMessage(
      raw,
      (name) => txtAnswer(ports.resolver, name),
      clock.now().getTime() / 1_000,
    );
    const ours = results.find(({ signature }) => signature?.domain === domain);
    const result = ours?.result ?? 'none';
    if (result === 'temperror') {
      return log.warn('a sent mail could not be verified', { ...names, reason: ours?.reason });
    }
    const verified = result === 'pass';
    if (rotated?.wave !== undefined) {
      await runs.countSample({ period: rotated.period, wave: rotated.wave, verified });
    }
    if (verified) return;
    log.error('a sent mail does not verify', {
      ...names,
      result,
      reason: ours?.reason,
    });
    await rotationQueue.send([{ kind: 'mend', shard, label }]);
  } catch (error) {
    log.warn('a sent mail could not be verified', { ...names, error });
  }
}

async function txtAnswer(
  resolver: PostSendVerificationPorts['resolver'],
  name: string,
): Promise<TxtAnswer> {
  const { outcome, values } = await resolver.lookup(name, 'TXT');
  if (outcome === 'unknown') return { kind: 'failure', detail: 'no resolver answered' };
  return values.length === 0 ? { kind: 'none' } : { kind: 'records', texts: values };
}
