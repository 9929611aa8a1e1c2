import type { Claim } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';

/**
 * Refuses a plan that raises the DMARC policy for a claim that hosts its record itself.
 *
 * @throws Refusal `dmarc-invalid`
 */
export function requireNoPlan({ domain, rollOut }: Pick<Claim, 'domain' | 'rollOut'>): void {
  if (rollOut === undefined) return;
  throw new Refusal(
    'dmarc-invalid',
    `A plan cannot raise the DMARC policy of ${domain} in a record that you host yourself. End it with {"dmarc": {"plan": null}}, or let us host the records.`,
  );
}
