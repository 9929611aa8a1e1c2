import type { Domain } from '../api/client.ts';

export type Dmarc = NonNullable<Domain['dmarc']>;
/** The treatment that receivers are asked to give mail that fails. */
export type Disposition = Dmarc['p'];

/** From the mildest to the strictest. */
export const dispositions = ['none', 'quarantine', 'reject'] as const satisfies Disposition[];

export const names: Record<Disposition, string> = {
  none: 'None',
  quarantine: 'Quarantine',
  reject: 'Reject',
};

export const effects: Record<Disposition, string> = {
  none: 'Mail that fails is delivered and reported.',
  quarantine: 'Mail that fails goes to spam.',
  reject: 'Mail that fails is not taken.',
};

/** 0 for the mildest. */
export const strictness = (policy: Disposition): number => dispositions.indexOf(policy);
