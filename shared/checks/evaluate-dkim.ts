import type { Lookup } from '../ports/resolver.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import { missing, ok, seenIn, wrong, type Setting, type Verdict } from './verdict.ts';

/** Whether a CNAME that points at one of our keys is right, from one server's answer. */
export function evaluateDkim(
  { name, value }: CustomerRecord,
  lookup: Lookup,
  { domain, zone }: Setting,
): Verdict {
  const [target] = lookup.cnames;
  const create = `Create a CNAME record named ${name} that points to ${value}.`;
  if (target === value) return ok([target ?? '']);
  if (target === undefined) {
    if (lookup.values.length === 0) return missing(`There is no record at ${name}. ${create}`);
    return wrong(
      lookup.values,
      `There is a TXT record at ${name} where a CNAME record belongs; a key that is copied stops working when we change it. Delete the TXT record. ${create}`,
    );
  }
  const change = `Change its target to ${value}.`;
  const seen = seenIn(lookup);
  if (target === `${value}.${domain}`) {
    return wrong(
      seen,
      `The target has your domain appended to it. ${change} Where your DNS provider appends your domain to names, end the target with a dot.`,
    );
  }
  if (target.endsWith(`.${zone}`)) {
    return wrong(
      seen,
      `The CNAME record at ${name} points to another record of this service, such as one of an earlier or another claim. ${change}`,
    );
  }
  return wrong(seen, `The CNAME record at ${name} points elsewhere, to ${target}. ${change}`);
}
