import type { Lookup } from '../../../model/lookup.ts';
import { publicKeyIn } from '../../key-text.ts';
import type { PublishedRecord } from '../../kind.ts';
import { cnameTargetVerdict } from '../../cname-target.ts';
import type { Setting } from '../../setting.ts';
import { missing, ok, seenIn, warning, wrong, type Verdict } from '../../verdict.ts';
import type { DkimCode } from './codes.ts';

/** Judges a CNAME that points at one of our keys, from one server's answer. */
export function judgeCname(
  { name, value = '' }: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
): Verdict<DkimCode> {
  const [target] = lookup.cnames;
  const create = `Create a CNAME record named ${name} that points to ${value}.`;
  if (target === value) return ok([target]);
  if (target !== undefined) {
    const change = `Change its target to ${value}.`;
    return (
      cnameTargetVerdict({ name, value, target }, setting) ??
      wrong(
        'other-provider',
        seenIn(lookup),
        `The CNAME record at ${name} points elsewhere, to ${target}. ${change}`,
      )
    );
  }
  if (lookup.values.length === 0) return missing(`There is no record at ${name}. ${create}`);
  return judgeText({ name, value }, lookup.values, setting, create);
}

/** A TXT record in the place of the CNAME. */
function judgeText(
  { name, value }: { name: string; value: string },
  values: readonly string[],
  { hosted }: Setting,
  create: string,
): Verdict<DkimCode> {
  const keys = values.map(publicKeyIn).filter((key) => key !== '');
  const own = publicKeyIn(hosted.get(value) ?? '');
  if (own !== '' && keys.includes(own)) {
    return warning(
      'copied-key',
      values,
      `There is a copy of the key at ${name} where a CNAME record belongs. It works today, stops working when we change the key, and proves nothing. Delete the TXT record. ${create}`,
    );
  }
  const other = [...hosted].some(([at, text]) => at !== value && keys.includes(publicKeyIn(text)));
  if (other) {
    return wrong(
      'other-slot',
      values,
      `The TXT record at ${name} is a copy of another of your keys. Delete it. ${create}`,
    );
  }
  if (keys.length > 0) {
    return wrong(
      'other-provider',
      values,
      `There is a key at ${name} that is not ours, such as another provider's or an old copy. Delete the TXT record. ${create}`,
    );
  }
  const what = `There is a TXT record at ${name} where a CNAME record belongs. Delete the TXT record. ${create}`;
  const isTarget = values.some((text) => text.toLowerCase().includes(value));
  return wrong(isTarget ? 'form-residue' : 'other-value', values, what);
}
