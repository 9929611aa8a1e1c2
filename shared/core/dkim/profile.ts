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
 * so these are signed but not oversigned. MIME-Version is oversigned: supply it before signing.
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
  sign: [
    'sender',
    'in-reply-to',
    'references',
    'list-id',
    'list-unsubscribe',
    'list-unsubscribe-post',
  ],
  backdateSeconds: 5,
  lifetimeSeconds: 7 * DAY_SECONDS,
};
