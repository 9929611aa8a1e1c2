import { labelsIn } from './labels.ts';
import { withoutPastedArtefacts } from './pasted-artefacts.ts';
import { ok, wrong, type Verdict } from './verdict.ts';
import type { Setting } from './setting.ts';

/** A CNAME that is not as it must be. */
interface CnameTarget {
  readonly name: string;
  /** The required target. */
  readonly value: string;
  /** The actual target. */
  readonly target: string;
}

/**
 * The verdict on a CNAME that was meant for us, but does not point at the right one of our names.
 *
 * @returns undefined where it points at somebody else
 */
export function cnameTargetVerdict(
  { name, value, target }: CnameTarget,
  { domain, zone, hostedName, old }: Setting,
): Verdict | undefined {
  const change = `Change its target to ${value}.`;
  if (withoutPastedArtefacts(target) === value) {
    return wrong(
      'form-residue',
      [target],
      `The target of the CNAME record at ${name} has more in it than the name, such as quotes or spaces: ${target}. ${change}`,
    );
  }
  if (target === `${value}.${domain}`) {
    return wrong(
      'appended-domain-in-value',
      [target],
      `The target has your domain appended to it. ${change} Where your DNS provider appends your domain to names, end the target with a dot.`,
    );
  }
  if (target.endsWith(`.${hostedName}`)) {
    return wrong(
      'other-slot',
      [target],
      `The CNAME record at ${name} points to another of your records, ${target}. ${change}`,
    );
  }
  if (labelsIn(target, zone).some((label) => old?.has(label))) {
    return wrong(
      'old-label',
      [target],
      `The CNAME record at ${name} points to the records of your earlier claim of ${domain}, which was deleted; a domain that is claimed again has new ones. ${change}`,
    );
  }
  if (target === zone || target.endsWith(`.${zone}`)) {
    return wrong(
      'other-label',
      [target],
      `The CNAME record at ${name} points to another record of this service, such as one of another claim. ${change}`,
    );
  }
  return undefined;
}

/** The verdict on a CNAME to us in the place of a value that is to be copied: as good, and better. */
export const pointsHere = (target: string): Verdict<never> => ({
  ...ok([target]),
  hint: 'This CNAME record points at us, so we can keep it right without you. Once all three DKIM records do, set the domain’s "hosting" to "service", and keys change by themselves.',
});
