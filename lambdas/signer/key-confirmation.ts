import type { Clock } from '#shared/app/ports/clock.ts';
import type { KeyVerdicts } from '#shared/app/ports/key-verdicts.ts';
import type { Log } from '#shared/app/ports/log.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import { queryKey } from '#shared/app/sending/query-key.ts';
import { within } from '#shared/async/timeout.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import {
  ABSENT_TWICE_MS,
  isCertainlyAbsent,
  isFreshVerdict,
  nextVerdict,
  VERDICT_FRESH_MS,
  type KeyVerdict,
} from '#shared/core/model/key-verdict.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** A mail waits no longer than this for DNS. */
const QUERY_MS = 300;
/** Signing is asked to move again after this time, where the key is still absent. */
const ASK_AGAIN_MS = MINUTE_MS;
/** Keys remembered at once; about 300 octets each. */
const MAX_KEYS = 20_000;

export interface KeyConfirmationPorts {
  readonly resolver: Pick<Resolver, 'authoritativeServers'>;
  readonly verdicts: KeyVerdicts;
  readonly rotationQueue: Queue<RepairRequest>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Whether mail may be signed with a key now.
 *
 * - `confirmed`: its record is in DNS, or DNS did not answer, which changes nothing.
 * - `unconfirmed`: no server shows it; a second query at `until` decides.
 * - `absent`: certainly no receiver finds it.
 */
export type Confirmation =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'unconfirmed'; readonly until: Date }
  | { readonly kind: 'absent' };

export interface KeyConfirmation {
  /** Never throws: an error of DNS or of the stored verdicts holds up no mail. */
  confirm(claim: Claim, key: RingKey): Promise<Confirmation>;
  /** Waits for the queries under way. */
  settle(): Promise<void>;
}

interface Known {
  /** Undefined where DNS did not answer. */
  readonly verdict: KeyVerdict | undefined;
  /** Epoch milliseconds of the query. */
  readonly at: number;
}

const confirmed: Confirmation = { kind: 'confirmed' };

/**
 * Confirms that a key is in DNS before it signs. A verdict is at most a minute old; signers share
 * it. Where a key is certainly absent, signing is asked to move to another slot.
 */
export function keyConfirmation(ports: KeyConfirmationPorts): KeyConfirmation {
  const { clock, log } = ports;
  const known = new Map<string, Known>();
  const asked = new Map<string, number>();
  const underWay = new Map<string, Promise<Known>>();

  const remember = (keyId: string, verdict: KeyVerdict | undefined): Known => {
    if (known.size >= MAX_KEYS) known.clear();
    const entry = { verdict, at: clock.now().getTime() };
    known.set(keyId, entry);
    return entry;
  };

  const askToMove = async (
    { shard, label }: Claim,
    key: RingKey,
    { since }: KeyVerdict,
  ): Promise<void> => {
    const now = clock.now().getTime();
    if (now - (asked.get(key.id) ?? 0) < ASK_AGAIN_MS) return;
    if (asked.size >= MAX_KEYS) asked.clear();
    asked.set(key.id, now);
    await ports.rotationQueue.send([
      { kind: 'mend', shard, label, absent: { keyId: key.id, since } },
    ]);
  };

  const query = async (claim: Claim, key: RingKey): Promise<Known> => {
    try {
      const stored = await ports.verdicts.verdict(claim.label);
      if (stored !== undefined && isFreshVerdict(stored, key.id, clock.now())) {
        return remember(key.id, stored);
      }
      const sight = await queryKey(claim, key, ports.resolver);
      const verdict = nextVerdict(stored, key.id, sight, clock.now());
      if (verdict !== undefined) await ports.verdicts.noteVerdict(claim.label, verdict);
      if (verdict !== undefined && isCertainlyAbsent(verdict)) await askToMove(claim, key, verdict);
      return remember(key.id, verdict);
    } catch (error) {
      log.warn('a key could not be confirmed', { domain: claim.domain, keyId: key.id, error });
      return remember(key.id, undefined);
    }
  };

  const started = (claim: Claim, key: RingKey): Promise<Known> => {
    const running = underWay.get(key.id);
    if (running !== undefined) return running;
    const begun = query(claim, key).finally(() => underWay.delete(key.id));
    underWay.set(key.id, begun);
    return begun;
  };

  return {
    async confirm(claim, key) {
      const last = known.get(key.id);
      if (last !== undefined && isGood(last, key, clock.now())) return confirmationOf(last.verdict);
      const found = await within(QUERY_MS, started(claim, key), undefined);
      return found === undefined ? confirmed : confirmationOf(found.verdict);
    },
    async settle() {
      await Promise.all(underWay.values());
    },
  };
}

const isGood = ({ verdict, at }: Known, { id }: RingKey, now: Date): boolean =>
  verdict === undefined ? now.getTime() - at < VERDICT_FRESH_MS : isFreshVerdict(verdict, id, now);

function confirmationOf(verdict: KeyVerdict | undefined): Confirmation {
  if (verdict === undefined || verdict.sight === 'correct') return confirmed;
  if (isCertainlyAbsent(verdict)) return { kind: 'absent' };
  return { kind: 'unconfirmed', until: new Date(Date.parse(verdict.since) + ABSENT_TWICE_MS) };
}
