import type { DomainName } from './names.ts';
import type { Reputation, ReputationSubject, Standing } from './reputation.ts';

/** An event for the operator alone: no tenant's webhook or history gets it. */
export interface OperatorEvent {
  readonly type: 'identity.foreign' | 'identity.quota_full' | 'reputation.changed';
  /** ISO 8601. */
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A domain was claimed whose SES identity this deployment did not make. */
export const foreignIdentity = (domain: DomainName, at: string): OperatorEvent => ({
  type: 'identity.foreign',
  at,
  data: { domain },
});

/** The account has as many SES identities as SES allows. */
export const quotaFull = (at: string): OperatorEvent => ({
  type: 'identity.quota_full',
  at,
  data: {},
});

/**
 * The standing of a tenant, or of one of its domains, changed by what receivers make of its mail.
 *
 * @param effect `isEnforced` is false where the operator is only notified
 */
export const standingChanged = (
  subject: ReputationSubject,
  { counts, standing }: Reputation,
  to: Standing,
  effect: { readonly at: string; readonly isEnforced: boolean },
): OperatorEvent => ({
  type: 'reputation.changed',
  at: effect.at,
  data: { ...subject, from: standing, to, ...counts, enforced: effect.isEnforced },
});
