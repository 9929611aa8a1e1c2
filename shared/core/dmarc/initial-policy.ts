import type { Claim } from '../model/claim.ts';
import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import { reportsHost, type Deployment } from '../model/deployment.ts';
import type { PolicyInEffect } from './policy-in-effect.ts';

/**
 * Returns the policy that a new claim's hosted record starts with: the one in effect today, and
 * never a stricter one. Where there was none: `p=none`, and `sp=none` so that a plan that raises `p`
 * leaves subdomains alone.
 *
 * Report addresses of this service are left out: a record that points at another claim's (an
 * earlier one, a rival's) would hand that claim's label to this one.
 *
 * @returns undefined where DNS did not answer; to be asked again
 */
export function initialPolicy(
  effect: PolicyInEffect,
  { zone }: Pick<Deployment, 'zone'>,
): DmarcPolicy | undefined {
  if (effect.kind === 'unknown') return undefined;
  if (effect.kind === 'none') return { p: 'none', sp: 'none' };
  const { rua, ruf, ...rest } = effect.policy;
  const host = `@${reportsHost(zone)}`;
  const others = (uris: readonly string[] = []) =>
    uris.filter((uri) => !(uri.toLowerCase().split('?')[0] as string).endsWith(host));
  return { ...rest, ...nonEmpty('rua', others(rua)), ...nonEmpty('ruf', others(ruf)) };
}

const nonEmpty = (tag: 'rua' | 'ruf', uris: string[]) => (uris.length > 0 ? { [tag]: uris } : {});

/**
 * Returns the policy that a claim starts with, and what that changes for its customer's mail; nothing
 * where DNS did not answer.
 */
export function initialDmarc(
  effect: PolicyInEffect,
  deployment: Pick<Deployment, 'zone'>,
): Pick<Claim, 'dmarc' | 'dmarcStart'> {
  const dmarc = initialPolicy(effect, deployment);
  const dmarcStart = startSentence(effect);
  return { dmarc, ...(dmarcStart === undefined ? {} : { dmarcStart }) };
}

/**
 * Says what the start with a policy changes for the domain's mail, in sentences for its customer.
 *
 * @returns undefined where DNS did not answer
 */
function startSentence(effect: PolicyInEffect): string | undefined {
  switch (effect.kind) {
    case 'unknown':
      return undefined;
    case 'none':
      return 'Nothing changes for your mail: no DMARC policy is in effect for the domain, and p=none asks nothing of receivers.';
    case 'found':
      return effect.milder === undefined
        ? `Nothing changes for your mail: the policy here asks of receivers what the record at _dmarc.${effect.at} asks today.`
        : `No receiver is stricter with your mail than today, and some are milder. ${effect.milder}`;
  }
}
