import { MAX_LOOKUPS, MAX_VOID_LOOKUPS } from '../../../spf/evaluate.ts';
import { findProblem, type SpfTree } from '../../../spf/tree.ts';
import type { Setting } from '../../setting.ts';
import { unregisteredAbove } from '../../unregistered.ts';
import { wrong, type Verdict } from '../../verdict.ts';
import type { SpfCode } from './codes.ts';

/**
 * Judges whether receivers can follow all of an SPF record (RFC 7208 §4.6.4).
 *
 * @param tree the record with all that it includes
 * @returns undefined where they can
 */
export function withinLimits(
  name: string,
  text: string,
  tree: SpfTree,
  setting: Pick<Setting, 'unregistered'>,
): Verdict<SpfCode> | undefined {
  const bad = (code: SpfCode, hint: string): Verdict<SpfCode> => ({
    ...wrong(code, [text], hint),
    spf: tree,
  });
  const loop = findProblem(tree.root, ['loop']);
  if (loop !== undefined) {
    return bad(
      'spf-loop',
      `The SPF record at ${name} leads to ${loop.domain}, which includes itself: a loop, which receivers answer with permerror, so that none of it counts. Remove what includes ${loop.domain}.`,
    );
  }
  if (tree.lookups > MAX_LOOKUPS) {
    return bad(
      'spf-too-many-lookups',
      `The SPF record at ${name} takes ${tree.lookups} DNS lookups with all that it includes, and receivers give up after ${MAX_LOOKUPS}: then none of it counts. Most are in ${costliest(tree)}. Remove what you do not send from any more.`,
    );
  }
  const broken = findProblem(tree.root, ['no-record', 'several-records', 'invalid']);
  if (broken !== undefined) {
    const free = unregisteredAbove(broken.domain, setting);
    const danger =
      free === undefined
        ? ''
        : ` ${free} is not registered: whoever registers it may send mail as ${name}.`;
    return bad(
      'spf-broken-include',
      `The SPF record at ${name} includes ${broken.domain}, which has no valid SPF record: then none of it counts. Remove what includes it.${danger}`,
    );
  }
  if (tree.voidLookups > MAX_VOID_LOOKUPS) {
    return bad(
      'spf-too-many-voids',
      `${tree.voidLookups} names in the SPF record at ${name} do not exist, and receivers give up after ${MAX_VOID_LOOKUPS}. Remove those names.`,
    );
  }
  return undefined;
}

const costliest = ({ root }: SpfTree): string =>
  root.terms
    .toSorted((a, b) => b.lookups - a.lookups)
    .slice(0, 3)
    .map(({ text, lookups }) => `${text} (${lookups})`)
    .join(', ');
