import type { ConnectionLimits } from './connections.ts';
import type { FailureLimits } from './failed-sign-ins.ts';

const MINUTE_MS = 60_000;
const MB = 1_000_000;

/** The limits of one task. Memory and disk follow from `service.ts`. */
export interface SmtpLimits {
  readonly connections: ConnectionLimits;
  readonly failedSignIns: FailureLimits;
  /** Milliseconds before a failed sign-in is answered. */
  readonly failedSignInDelayMs: number;
  /** Milliseconds from the greeting in which a client must sign in: so strangers hold no connection. */
  readonly signInMs: number;
  /** Milliseconds that a client may be silent (RFC 5321 §4.5.3.2: at least 5 minutes). */
  readonly silenceMs: number;
  /** The largest mail, in octets: as much as may be submitted for the exit. */
  readonly mailOctets: number;
  /** Octets of a mail that stay in memory while it comes in; beyond them it goes to disk. */
  readonly memoryOctets: number;
  /** Octets of a mail whose header is not checked before its body has come. */
  readonly shortOctets: number;
  /** Octets in memory of all mail that is coming in. */
  readonly receivingOctets: number;
  /** Octets on disk of all mail that is coming in. */
  readonly spooledOctets: number;
  /** Octets of the mail that is submitted at once; each takes several times as much memory. */
  readonly submittingOctets: number;
}

/** @param mailOctets of the largest mail */
export const limitsOf = (mailOctets: number): SmtpLimits => ({
  connections: { total: 500, perTenant: 50, perAddress: 20 },
  failedSignIns: { failures: 10, windowMs: 10 * MINUTE_MS, addresses: 10_000 },
  failedSignInDelayMs: 1000,
  signInMs: MINUTE_MS,
  silenceMs: 5 * MINUTE_MS,
  mailOctets,
  memoryOctets: MB,
  shortOctets: 100_000,
  receivingOctets: 150 * MB,
  spooledOctets: 12_000 * MB,
  submittingOctets: Math.max(100 * MB, mailOctets),
});
