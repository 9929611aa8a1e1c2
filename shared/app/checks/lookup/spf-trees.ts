import type { Resolver } from '../../ports/resolver.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { SpfLookup } from '#shared/core/spf/evaluate.ts';
import { spfTree, type SpfTree } from '#shared/core/spf/tree.ts';
import {
  areReadable,
  includeOf,
  isIncluded,
  isSelf,
  spfAmong,
  suggestedSpf,
  termsOf,
} from '#shared/core/records/kinds/spf/corrected-spf.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { answersTo, type Observations } from './observations.ts';
import { ownQuestion } from './questions.ts';

const unknown: Lookup = { outcome: 'unknown', values: [], cnames: [] };
const nothing: Lookup = { outcome: 'ok', values: [], cnames: [] };

/**
 * Resolves the customer's SPF records, ours included, by the id of the record, for each name that
 * has SPF.
 *
 * @param setting of the claim
 * @param hosted the texts we host, by name: what they say is known, in DNS yet or not
 * @param senders the service's own mechanisms, which are no fault of the customer's if they are
 * broken
 */
export async function spfTrees(
  records: readonly CustomerRecord[],
  { domain, zone }: Pick<Setting, 'domain' | 'zone'>,
  observations: Observations,
  hosted: ReadonlyMap<string, string>,
  senders: readonly string[],
  resolver: Pick<Resolver, 'lookup'>,
): Promise<Map<string, SpfTree>> {
  const ours = new Set(senders.map((mechanism) => mechanism.replace(/^[^:]*:/, '')));
  const lookup: SpfLookup = async (name, type) => {
    const text = hosted.get(name);
    if (text !== undefined && type === 'TXT') return { ...nothing, values: [text] };
    const answer = await resolver.lookup(name, type);
    return answer.values.length === 0 && ours.has(name) ? unknown : answer;
  };
  const trees = records.map(async (record) => {
    const [answer] = answersTo(observations, ownQuestion(record));
    const texts = spfAmong(answer?.values ?? []);
    const include = includeOf(record);
    const [text, ...more] = texts;
    if (text === undefined || include === '' || !areReadable(texts)) return [];
    const terms = termsOf(text);
    const asItIs =
      more.length === 0 &&
      isIncluded(include, terms) &&
      !terms.some((term) => isSelf(term, record.name));
    const whole = asItIs ? text : suggestedSpf(record, texts, { domain, zone });
    if (whole === undefined) return [];
    return [[record.id, await spfTree(record.name, whole, lookup)] as const];
  });
  return new Map((await Promise.all(trees)).flat());
}
