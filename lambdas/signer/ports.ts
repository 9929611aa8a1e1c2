import type { UnclearPolicy } from '#shared/core/model/recipient-batch.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Log } from '#shared/app/ports/log.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { Mailer, MailStore, SendingLog } from '#shared/app/ports/mail.ts';
import type { HeldMessages } from '#shared/app/ports/held-messages.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { Outbox } from '#shared/app/ports/outbox.ts';
import type { CarriedMailRequest, OutboundRequest, Queue } from '#shared/app/ports/queues.ts';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';
import type { CarriedMail } from '#shared/app/sending/carried-mail.ts';
import type { RateLeases } from '#shared/app/sending/rate-leases.ts';
import type { KeyConfirmation } from './key-confirmation.ts';
import type { KeyCache } from './key-cache.ts';
import type { SendingStandings } from './sending-standings.ts';
import type { TenantStates } from './tenant-states.ts';
import type { UnusableKey } from './unusable-key.ts';
import type { PostSendVerification } from './post-send-verification.ts';

/** What a signer adds to a message that it queues again. */
export interface Waited {
  /** How often it was deferred for throttles and outages. */
  readonly waits?: number;
  /** Its place in its tenant's line, where it has waited for the send rate. */
  readonly place?: number;
}

/** A submitted mail to be signed and sent. */
export interface OutboundWork extends OutboundRequest, Waited {
  /** The mail itself, where its message carries it. */
  readonly carried?: CarriedMail;
  /** True if its message was received before. */
  readonly isRedelivered?: boolean;
}

/** A message of the queue `outbound`. */
export type OutboundMessage = Waited & (OutboundRequest | CarriedMailRequest);

/** The ports of the signer. */
export interface SignerPorts {
  readonly messages: Omit<MessageStore, 'recent'>;
  readonly heldMessages: Pick<HeldMessages, 'hold' | 'endHold'>;
  readonly tenantStates: Pick<TenantStates, 'of' | 'isActive'>;
  readonly mails: Pick<MailStore, 'get' | 'put'>;
  readonly outbox: Pick<Outbox, 'enter'>;
  readonly claims: Pick<ClaimStore, 'getHeld' | 'everClaimedAround'>;
  readonly standings: Pick<SendingStandings, 'of'>;
  readonly suppressions: Pick<SuppressionStore, 'among'>;
  readonly revokedKeys: Pick<RevokedKeys, 'among'>;
  readonly keys: Pick<KeyCache, 'get'>;
  readonly mailer: Mailer;
  readonly rateLeases: RateLeases;
  readonly outbound: Queue<OutboundMessage>;
  readonly sendingLog: SendingLog;
  readonly bus: EventBus;
  /** Has signing moved away from a key that cannot sign. */
  readonly askForAnotherKey: (error: UnusableKey) => Promise<void>;
  readonly keyConfirmation: KeyConfirmation;
  readonly postSendVerification: PostSendVerification;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** A name that no other lease has. */
  readonly newLease: () => string;
  /** 0 up to 1: spreads what was deferred together. */
  readonly jitter: () => number;
  /** Returns true if waiting helps against an error of the ports. */
  readonly isOutage: (error: unknown) => boolean;
  readonly log: Log;
}

export interface SignerSettings {
  /** Domains that the operator lets send unsigned. */
  readonly unsignedAllowed: ReadonlySet<string>;
  /** No shorter than the function's own timeout: an attempt ends before its lease. */
  readonly leaseSeconds: number;
  readonly unclearSeconds: number;
  readonly unclearPolicy: UnclearPolicy;
  /** Hours that a mail waits while no key of its domain is in DNS. */
  readonly holdHours: number;
}
