import type { Resolver } from '../../ports/resolver.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { SpfLookup } from '#shared/core/spf/evaluate.ts';
import { isSpfRecord } from '#shared/core/spf/record.ts';
import { spfTree, type SpfTree } from '#shared/core/spf/tree.ts';
import {
  areReadable,
  includedName,
  includeOf,
  isIncluded,
  isSelf,
  listsSenders,
  sendersBehindAll,
  spfAmong,
  suggestedSpf,
  suggestionOf,
  termsOf,
  unreadSpf,
} from '#shared/core/records/kinds/spf/corrected-spf.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { answersTo, type Observations } from './observations.ts';
import { ownQuestion } from './questions.ts';

const unknown: Lookup = { outcome: 'unknown', values: [], cnames: [] };
const nothing: Lookup = { outcome: 'ok', values: [], cnames: [] };

/** Returns true if a record has our include or our senders where they count, and does not lead to itself. */
function isRight(
  text: string,
  { name }: CustomerRecord,
  include: string,
  hosted: ReadonlyMap<string, string>,
): boolean {
  const terms = termsOf(text);
  return (
    areReadable([text]) &&
    (isIncluded(include, terms) || listsSenders(text, hosted.get(includedName(include)))) &&
    !terms.some((term) => isSelf(term, name))
  );
}

/**
 * Resolves the customer's SPF records, ours included, by the id of the record, for each name that
 * has SPF; as it is where that is right, else as it would be suggested. A record that is right and
 * could have more senders has that under `suggestionOf` its id.
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
    const values = answer?.values ?? [];
    const texts = spfAmong(values);
    const include = includeOf(record);
    if (texts.length === 0 || include === '' || !areReadable(texts)) return [];
    const treeOf = async (id: string, whole: string | undefined) =>
      whole === undefined ? [] : [[id, await spfTree(record.name, whole, lookup)] as const];
    const suggested = suggestedSpf(record, values, { domain, zone });
    const [text, ...more] = values.filter(isSpfRecord);
    if (text === undefined || more.length > 0 || !isRight(text, record, include, hosted)) {
      return treeOf(record.id, suggested);
    }
    const isWhole = sendersBehindAll(text).length === 0 && unreadSpf(values).length === 0;
    const rest = isWhole ? [] : await treeOf(suggestionOf(record.id), suggested);
    return [...(await treeOf(record.id, text)), ...rest];
  });
  return new Map((await Promise.all(trees)).flat());
}
