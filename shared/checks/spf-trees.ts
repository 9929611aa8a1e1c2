import type { Lookup, Resolver } from '../ports/resolver.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import type { SpfLookup } from '../spf/evaluate.ts';
import { isSpfRecord } from '../spf/record.ts';
import { spfTree, type SpfTree } from '../spf/tree.ts';
import { includeOf, merged, syntaxError } from './evaluate-spf.ts';
import { answersTo, type Observations } from './observations.ts';
import { ownQuestion } from './questions.ts';

const unknown: Lookup = { outcome: 'unknown', values: [], cnames: [] };
const nothing: Lookup = { outcome: 'ok', values: [], cnames: [] };

/**
 * What the customer's SPF records lead to, ours included, by the id of the record; of each name that
 * has one SPF record.
 *
 * @param hosted the texts we host, by name: what they say is known, in DNS yet or not
 * @param senders the service's own mechanisms, which are no fault of the customer's if they are broken
 */
export async function spfTrees(
  records: readonly CustomerRecord[],
  observations: Observations,
  hosted: ReadonlyMap<string, string>,
  senders: readonly string[],
  resolver: Pick<Resolver, 'lookup'>,
): Promise<Map<string, SpfTree>> {
  const ours = new Set(senders.map((mechanism) => mechanism.replace(/^[^:]*:/, '')));
  const lookup: SpfLookup = async (name, type) => {
    const text = hosted.get(name);
    if (text !== undefined && type === 'TXT') return { ...nothing, values: [text] };
    if (type === 'PTR') return nothing;
    const answer = await resolver.lookup(name, type);
    return answer.values.length === 0 && ours.has(name) ? unknown : answer;
  };
  const trees = records.map(async (record) => {
    const [answer] = answersTo(observations, ownQuestion(record));
    const texts = answer?.values.filter(isSpfRecord) ?? [];
    const include = includeOf(record);
    const [text, ...more] = texts;
    if (text === undefined || include === '') return [];
    const unreadable = texts.some((one) => syntaxError(one) !== undefined);
    if (more.length > 0 && unreadable) return [];
    const asItIs = more.length === 0 && (unreadable || text.toLowerCase().includes(include));
    const whole = asItIs ? text : merged(texts, include);
    return [[record.id, await spfTree(record.name, whole, lookup)] as const];
  });
  return new Map((await Promise.all(trees)).flat());
}
