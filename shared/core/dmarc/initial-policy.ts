import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import { reportsHost, type Deployment } from '../model/deployment.ts';
import type { PolicyInEffect } from './policy-in-effect.ts';

/**
 * Returns the policy that a new claim's hosted record starts with: the one in effect today, never
 * weaker. Where there was none: `p=none`, and `sp=none` so that a later, stricter `p` leaves
 * subdomains alone.
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
