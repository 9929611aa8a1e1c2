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
  isStillAbsent,
  nextVerdict,
  type KeyVerdict,
} from '#shared/core/model/key-verdict.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** A mail waits no longer than this for DNS. */
const QUERY_MS = 300;
/** Where DNS did not answer, mail goes out for this long before it is asked again. */
const UNANSWERED_MS = 10_000;
/** Signing is asked to move again after this time, where the key is still absent. */
const ASK_AGAIN_MS = MINUTE_MS;
/** Keys remembered at once; about 300 octets each. */
const MAX_KEYS = 20_000;

export interface KeyConfirmationPorts {
  readonly resolver: Pick<Resolver, 'authoritative'>;
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
  /** Of DNS where it answered, else the one before if that still holds. */
  readonly verdict: KeyVerdict | undefined;
  readonly isAnswered: boolean;
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

  const remember = (keyId: string, entry: Known): Known => {
    if (known.size >= MAX_KEYS) known.clear();
    known.set(keyId, entry);
    return entry;
  };
  const answered = (key: RingKey, verdict: KeyVerdict): Known =>
    remember(key.id, { verdict, isAnswered: true, at: clock.now().getTime() });

  /** A certain absence, where DNS does not answer now; undefined where the last verdict was another. */
  const standing = (key: RingKey, before: KeyVerdict | undefined): KeyVerdict | undefined =>
    before !== undefined && isStillAbsent(before, key.id, clock.now()) ? before : undefined;

  /** @param at of the query that DNS did not answer, epoch milliseconds */
  const unanswered = (key: RingKey, before: KeyVerdict | undefined, at: number): Known =>
    remember(key.id, { verdict: standing(key, before), isAnswered: false, at });

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
    let stored = known.get(key.id)?.verdict;
    try {
      stored = await ports.verdicts.verdict(claim.label);
      if (stored !== undefined && isFreshVerdict(stored, key.id, clock.now())) {
        return answered(key, stored);
      }
      // What holds for mail that does not wait for the query, and for no other.
      unanswered(key, stored, -Infinity);
      const sight = await queryKey(claim, key, ports.resolver);
      const verdict = nextVerdict(stored, key.id, sight, clock.now());
      if (verdict === undefined) return unanswered(key, stored, clock.now().getTime());
      await ports.verdicts.noteVerdict(claim.label, verdict);
      if (isCertainlyAbsent(verdict)) await askToMove(claim, key, verdict);
      return answered(key, verdict);
    } catch (error) {
      log.warn('a key could not be confirmed', { domain: claim.domain, keyId: key.id, error });
      return unanswered(key, stored, clock.now().getTime());
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
      return confirmationOf(
        found === undefined ? standing(key, known.get(key.id)?.verdict) : found.verdict,
      );
    },
    async settle() {
      await Promise.all(underWay.values());
    },
  };
}

const isGood = ({ verdict, isAnswered, at }: Known, { id }: RingKey, now: Date): boolean =>
  isAnswered && verdict !== undefined
    ? isFreshVerdict(verdict, id, now)
    : now.getTime() - at < UNANSWERED_MS;

function confirmationOf(verdict: KeyVerdict | undefined): Confirmation {
  if (verdict === undefined || verdict.sight === 'correct') return confirmed;
  if (isCertainlyAbsent(verdict)) return { kind: 'absent' };
  return { kind: 'unconfirmed', until: new Date(Date.parse(verdict.since) + ABSENT_TWICE_MS) };
}
