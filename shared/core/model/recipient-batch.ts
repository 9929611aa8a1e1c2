/**
 * The state machine of one batch of recipients. It keeps the promise of sending: never lost, and
 * sent once, but for unclear attempts, which are counted. SES has no idempotency token, so an
 * attempt is noted before the call, under a lease, and its outcome after it.
 */

/** Recipients of one SES call. */
export const RECIPIENTS_PER_BATCH = 50;

/**
 * - `queued`: not tried yet, or tried with the known outcome that nothing was done.
 * - `sending`: one attempt holds it until `leaseUntil`.
 * - `sent`: SES accepted it.
 * - `unclear`: an attempt ended without a known outcome; an SES event settles it, or it is sent again.
 * - `refused`: ended with a reason.
 */
export type RecipientBatchState = 'queued' | 'sending' | 'sent' | 'unclear' | 'refused';

/**
 * The state of one recipient, in order of progress; an event never moves one back.
 *
 * - `accepted`: taken in by us.
 * - `sent`: SES accepted it.
 * - `delayed`: the receiver deferred it; SES tries again.
 * - `soft-bounced`: SES gave up for a passing reason, or an automatic reply came (it ranks below
 *   `delivered`, since such replies follow a delivery).
 * - `delivered`: the receiver took it.
 * - `bounced`: the receiver refused it for good, at once or later.
 * - `complained`: the person reported it as spam.
 * - `rejected`: SES accepted the call and then found malware.
 * - `suppressed`: it is on the tenant's suppression list, and was left out of the call.
 */
export type RecipientState = (typeof recipientStates)[number];

export const recipientStates = [
  'accepted',
  'sent',
  'delayed',
  'soft-bounced',
  'delivered',
  'bounced',
  'complained',
  'rejected',
  'suppressed',
] as const;

export interface Recipient {
  readonly address: string;
  readonly state: RecipientState;
  /** The receiver's or SES's words, where there are any. */
  readonly detail?: string;
}

/** The state of a recipient who has none of its own yet is that of its recipient batch. */
export type EffectiveState = (typeof effectiveStates)[number];

export const effectiveStates = [...recipientStates, 'unclear', 'refused'] as const;

/** Returns the state of a recipient: its own, or while it has none that of its recipient batch. */
export function effectiveState(
  { state }: Pick<RecipientBatch, 'state'>,
  recipient: Recipient,
): EffectiveState {
  const isOfBatch = recipient.state === 'accepted' && (state === 'unclear' || state === 'refused');
  return isOfBatch ? state : recipient.state;
}

export interface RecipientBatch {
  /** 0 for the first 50 recipients. */
  readonly index: number;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  readonly state: RecipientBatchState;
  /** Number of attempts; 0 before the first. The attempt is a tag of the SES call. */
  readonly attempt: number;
  /** Attempts that stayed unclear to the end of their waiting time: possible doubles. */
  readonly unclearAttempts: number;
  /** ISO 8601; while `sending`. */
  readonly leaseUntil?: string;
  /**
   * The sender of the attempt: random, so that a sender knows its own lease again; while `sending`.
   */
  readonly leaseBy?: string;
  /** ISO 8601; while `unclear`. */
  readonly unclearSince?: string;
  /** ISO 8601; while `refused`. */
  readonly refusedAt?: string;
  /** The id that the exit gave to an attempt that it accepted. */
  readonly exitId?: string;
  /** The reason why it waits, is unclear or was refused. */
  readonly reason?: string;
  readonly recipients: readonly Recipient[];
}

/**
 * The outcome of one SES call.
 *
 * - `sent`: SES accepted, with its id.
 * - `throttled`: nothing was done; wait, at least so long.
 * - `refused`: nothing was done and never will be; the reason ends the recipient batch.
 * - `unclear`: a reset, timeout or 5xx: SES may or may not have it.
 */
export type AttemptOutcome =
  | { readonly kind: 'sent'; readonly exitId: string }
  | { readonly kind: 'throttled'; readonly reason: string; readonly waitSeconds: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unclear'; readonly reason: string };

/** The content of one SES event. */
export interface RecipientEvent {
  readonly state: Exclude<RecipientState, 'accepted' | 'suppressed'>;
  readonly addresses: readonly string[];
  /** The attempt whose call the event is about. */
  readonly attempt: number;
  readonly exitId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly detail?: string;
}

/**
 * The treatment of an unclear recipient batch that no event settled: sent again, or left for a
 * person.
 */
export type UnclearPolicy = 'resend' | 'hold';

/**
 * - `send`: try it now.
 * - `wait`: nothing to do before `until`.
 * - `lose`: its attempt's lease ran out: its outcome is unknown.
 * - `hold`: unclear to the end of the waiting time, and not to be sent again.
 * - `none`: it is at its end.
 */
export type RecipientBatchStep =
  | { readonly kind: 'send' }
  | { readonly kind: 'wait'; readonly until: Date }
  | { readonly kind: 'lose' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'none' };

/**
 * Recipients in recipient batches, none of them tried.
 *
 * @param suppressed those of the addresses that nothing is sent to
 */
export function newRecipientBatches(
  addresses: readonly string[],
  suppressed: ReadonlySet<string> = new Set(),
): RecipientBatch[] {
  const count = Math.ceil(addresses.length / RECIPIENTS_PER_BATCH);
  return Array.from({ length: count }, (_, index) => ({
    index,
    revision: 1,
    state: 'queued',
    attempt: 0,
    unclearAttempts: 0,
    recipients: addresses
      .slice(index * RECIPIENTS_PER_BATCH, (index + 1) * RECIPIENTS_PER_BATCH)
      .map((address) => ({
        address,
        state: suppressed.has(address) ? ('suppressed' as const) : ('accepted' as const),
      })),
  }));
}

/** The addresses that a call for a recipient batch names. */
export const addressesToSend = ({ recipients }: Pick<RecipientBatch, 'recipients'>): string[] =>
  recipients.filter(({ state }) => state !== 'suppressed').map(({ address }) => address);

/** Returns true if no call is made for a recipient batch any more. */
export const hasEnded = (recipientBatch: RecipientBatch): boolean =>
  recipientBatch.state === 'sent' ||
  recipientBatch.state === 'refused' ||
  (recipientBatch.state === 'queued' && addressesToSend(recipientBatch).length === 0);

/**
 * The recipient batch after some of its recipients, none of them tried, came onto the suppression
 * list.
 *
 * @returns the same object where nothing changes
 */
export function suppressRecipients(
  recipientBatch: RecipientBatch,
  suppressed: ReadonlySet<string>,
): RecipientBatch {
  const moves = ({ address, state }: Recipient) => state === 'accepted' && suppressed.has(address);
  if (!recipientBatch.recipients.some(moves)) return recipientBatch;
  return {
    ...recipientBatch,
    revision: recipientBatch.revision + 1,
    recipients: recipientBatch.recipients.map((recipient) =>
      moves(recipient) ? { address: recipient.address, state: 'suppressed' } : recipient,
    ),
  };
}

/**
 * Returns the next step of a recipient batch.
 *
 * @param unclearSeconds seconds to wait for an event
 */
export function nextStep(
  recipientBatch: RecipientBatch,
  now: Date,
  { unclearSeconds, unclearPolicy }: { unclearSeconds: number; unclearPolicy: UnclearPolicy },
): RecipientBatchStep {
  switch (recipientBatch.state) {
    case 'sent':
    case 'refused':
      return { kind: 'none' };
    case 'queued':
      return { kind: hasEnded(recipientBatch) ? 'none' : 'send' };
    case 'sending': {
      const until = instant(recipientBatch.leaseUntil);
      return until > now ? { kind: 'wait', until } : { kind: 'lose' };
    }
    case 'unclear': {
      const until = new Date(
        instant(recipientBatch.unclearSince).getTime() + unclearSeconds * 1000,
      );
      if (until > now) return { kind: 'wait', until };
      return { kind: unclearPolicy === 'hold' ? 'hold' : 'send' };
    }
    default:
      return recipientBatch.state satisfies never;
  }
}

/** A time that the state promises; without it the recipient batch is as if the time had passed. */
const instant = (at: string | undefined): Date => new Date(at ?? 0);

/**
 * The lease by which an attempt holds its recipient batch: the time when it has ended for sure, and
 * its owner.
 */
export interface Lease {
  readonly until: Date;
  readonly by: string;
}

/** The next attempt, noted before the SES call. */
export function beginAttempt(recipientBatch: RecipientBatch, lease: Lease): RecipientBatch {
  return written(recipientBatch, {
    state: 'sending',
    attempt: recipientBatch.attempt + 1,
    unclearAttempts: recipientBatch.unclearAttempts + (recipientBatch.state === 'unclear' ? 1 : 0),
    leaseUntil: lease.until.toISOString(),
    leaseBy: lease.by,
  });
}

/**
 * The recipient batch after one of its attempts ended. The attempt may have been overtaken: declared unclear
 * when its lease ran out, settled by an SES event, or followed by another.
 *
 * @returns the same object where nothing changes
 */
export function endAttempt(
  recipientBatch: RecipientBatch,
  attempt: number,
  outcome: AttemptOutcome,
  at: Date,
): RecipientBatch {
  if (outcome.kind === 'sent') return acceptedBySes(recipientBatch, attempt, outcome.exitId);
  const open = recipientBatch.state === 'sending' || recipientBatch.state === 'unclear';
  if (!open || recipientBatch.attempt !== attempt) return recipientBatch;
  // Meanwhile an event reported an earlier attempt as sent: another would be a double.
  if (recipientBatch.exitId !== undefined) return written(recipientBatch, { state: 'sent' });
  switch (outcome.kind) {
    case 'throttled':
      return written(recipientBatch, { state: 'queued', reason: outcome.reason });
    case 'refused':
      return written(recipientBatch, {
        state: 'refused',
        reason: outcome.reason,
        refusedAt: at.toISOString(),
      });
    case 'unclear':
      if (recipientBatch.state === 'unclear') return recipientBatch;
      return written(recipientBatch, {
        state: 'unclear',
        reason: outcome.reason,
        unclearSince: at.toISOString(),
      });
    default:
      return outcome satisfies never;
  }
}

/** The recipient batch after the lease of its attempt ran out. */
export function loseAttempt(recipientBatch: RecipientBatch, at: Date): RecipientBatch {
  const reason = 'The sender stopped before it could note what Amazon SES answered.';
  return endAttempt(recipientBatch, recipientBatch.attempt, { kind: 'unclear', reason }, at);
}

/** Ends a recipient batch that is not to be tried (again); an unclear attempt before it stays counted. */
export function refuseRecipientBatch(
  recipientBatch: RecipientBatch,
  reason: string,
  at: Date,
): RecipientBatch {
  return written(recipientBatch, {
    state: 'refused',
    reason,
    refusedAt: at.toISOString(),
    unclearAttempts: recipientBatch.unclearAttempts + (recipientBatch.state === 'unclear' ? 1 : 0),
  });
}

/**
 * Applies what SES events say, in any order and any number of times: recipients only move forward,
 * and any event proves that SES has accepted the attempt it is about.
 *
 * @returns the same object where nothing changes
 */
export function applyEvents(
  recipientBatch: RecipientBatch,
  events: readonly RecipientEvent[],
): RecipientBatch {
  const before = recipientBatch;
  let after = recipientBatch;
  for (const event of events) {
    after = acceptedBySes(after, event.attempt, event.exitId);
    const recipients = moveRecipients(after.recipients, event);
    if (recipients !== after.recipients) after = { ...after, recipients };
  }
  return after === before ? before : { ...after, revision: before.revision + 1 };
}

function acceptedBySes(
  recipientBatch: RecipientBatch,
  attempt: number,
  exitId: string,
): RecipientBatch {
  if (recipientBatch.state === 'sent') return recipientBatch;
  const recipients = moveRecipients(recipientBatch.recipients, {
    state: 'sent',
    addresses: recipientBatch.recipients.map(({ address }) => address),
  });
  // A later attempt is under way: its own end, or its lease's, says what becomes of the recipient batch.
  if (recipientBatch.state === 'sending' && attempt < recipientBatch.attempt) {
    if (recipientBatch.exitId !== undefined) return recipientBatch;
    return { ...recipientBatch, revision: recipientBatch.revision + 1, exitId, recipients };
  }
  return { ...written(recipientBatch, { state: 'sent', exitId }), recipients };
}

function moveRecipients(
  recipients: readonly Recipient[],
  event: Pick<RecipientEvent, 'state' | 'addresses' | 'detail'>,
): readonly Recipient[] {
  // Receivers hand back addresses in a case of their own.
  const named = new Set(event.addresses.map((address) => address.toLowerCase()));
  const moves = (recipient: Recipient) =>
    named.has(recipient.address.toLowerCase()) && rank(event.state) > rank(recipient.state);
  if (!recipients.some(moves)) return recipients;
  return recipients.map((recipient) =>
    moves(recipient)
      ? {
          address: recipient.address,
          state: event.state,
          ...(event.detail === undefined ? {} : { detail: event.detail }),
        }
      : recipient,
  );
}

const rank = (state: RecipientState): number => recipientStates.indexOf(state);

/** The next revision: what belongs to the state that was left (lease, reason, since) goes. */
function written(
  { index, revision, attempt, unclearAttempts, exitId, recipients }: RecipientBatch,
  next: Partial<RecipientBatch> & Pick<RecipientBatch, 'state'>,
): RecipientBatch {
  return {
    index,
    revision: revision + 1,
    attempt,
    unclearAttempts,
    ...(exitId === undefined ? {} : { exitId }),
    recipients,
    ...next,
  };
}
