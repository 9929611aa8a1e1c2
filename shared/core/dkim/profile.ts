import { DAY_SECONDS } from '../time.ts';

/** The coverage and lifetime of a signature. */
export interface SigningProfile {
  readonly headerCanonicalization: 'relaxed' | 'simple';
  readonly bodyCanonicalization: 'relaxed' | 'simple';
  /** Names, in lower case, of which each instance is signed. */
  readonly sign: readonly string[];
  /**
   * Lower-case names whose every instance is signed, and one more that does not exist, so that
   * adding one breaks the signature (RFC 6376 §8.15).
   */
  readonly oversign: readonly string[];
  /**
   * Lower-case names that are oversigned where there is an instance, and not signed where there is
   * none: mailing lists may add what the author left out, but nobody a second one.
   */
  readonly oversignPresent: readonly string[];
  /**
   * Seconds by which `t=` precedes the time of signing: verifiers whose clock is slow refuse the
   * future.
   */
  readonly backdateSeconds: number;
  /** Seconds from `t=` to `x=`; undefined leaves `x=` out. */
  readonly lifetimeSeconds: number | undefined;
}

/**
 * For mail that goes out through Amazon SES. SES overwrites Date and Message-ID and adds
 * Feedback-ID and Return-Path, so none of these is signed; lists add Sender and List-* on the way,
 * so these are oversigned only where they are there already: a mail that is replayed with a second
 * List-Unsubscribe does not verify. MIME-Version is oversigned: supply it before signing.
 */
export const sesProfile: SigningProfile = {
  headerCanonicalization: 'relaxed',
  bodyCanonicalization: 'relaxed',
  oversign: [
    'from',
    'to',
    'cc',
    'subject',
    'reply-to',
    'mime-version',
    'content-type',
    'content-transfer-encoding',
  ],
  oversignPresent: [
    'sender',
    'in-reply-to',
    'references',
    'list-id',
    'list-unsubscribe',
    'list-unsubscribe-post',
    'list-help',
    'list-subscribe',
    'list-post',
    'list-owner',
    'list-archive',
  ],
  sign: [],
  // mailauth refuses a signature of one second ahead; clocks of minutes behind are seen.
  backdateSeconds: 300,
  lifetimeSeconds: 7 * DAY_SECONDS,
};
