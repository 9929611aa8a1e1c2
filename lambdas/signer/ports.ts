import type { UnclearPolicy } from '#shared/core/model/recipient-batch.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Log } from '#shared/app/ports/log.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { Mailer, MailStore, SendingLog } from '#shared/app/ports/mail.ts';
import type { MessageStore } from '#shared/app/ports/message-store.ts';
import type { OutboundRequest, Queue } from '#shared/app/ports/queues.ts';
import type { KeyConfirmation } from './key-confirmation.ts';
import type { KeyCache } from './key-cache.ts';
import type { UnusableKey } from './unusable-key.ts';
import type { PostSendVerification } from './post-send-verification.ts';

/** A submitted mail to be signed and sent, and how often it was deferred for throttles and outages. */
export interface OutboundWork extends OutboundRequest {
  readonly waits?: number;
}

/** The ports of the signer. */
export interface SignerPorts {
  readonly messages: Omit<MessageStore, 'recent'>;
  readonly mails: Pick<MailStore, 'get'>;
  readonly claims: Pick<ClaimStore, 'getHeld' | 'everClaimedAround'>;
  readonly revokedKeys: Pick<RevokedKeys, 'among'>;
  readonly keys: Pick<KeyCache, 'get'>;
  readonly mailer: Mailer;
  readonly outbound: Queue<OutboundWork>;
  readonly sendingLog: SendingLog;
  readonly bus: EventBus;
  /** Has signing moved away from a key that cannot sign. */
  readonly askForAnotherKey: (error: UnusableKey) => Promise<void>;
  readonly keyConfirmation: KeyConfirmation;
  readonly postSendVerification: PostSendVerification;
  readonly clock: Clock;
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
