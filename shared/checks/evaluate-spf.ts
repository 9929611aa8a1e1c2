import type { RecordCode } from '../domain/check.ts';
import type { Lookup } from '../ports/resolver.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import { MAX_LOOKUPS, MAX_VOID_LOOKUPS } from '../spf/evaluate.ts';
import { withInclude } from '../spf/merge.ts';
import { isSpfRecord, parseSpf } from '../spf/record.ts';
import { findProblem, type SpfTree } from '../spf/tree.ts';
import { withoutResidue } from './residue.ts';
import { missing, ok, wrong, type Setting, type Verdict } from './verdict.ts';

const normal = (term: string): string => term.toLowerCase().replace(/^\+/, '').replace(/\.$/, '');
const isAll = (term: string): boolean => /^[-~?]?all$/.test(term);

/** The include that a customer's SPF record must have: the one of the value we tell. */
export const includeOf = ({ value = '' }: Pick<CustomerRecord, 'value'>): string =>
  value.split(' ').find((term) => term.startsWith('include:')) ?? '';

/**
 * Whether an SPF record has our include where it counts (RFC 7208 §4.5, §4.6), and whether receivers
 * can follow all of it, from one answer.
 *
 * @param record its value is an SPF record with our include alone
 */
export function evaluateSpf(
  record: CustomerRecord,
  { values }: Lookup,
  { spf, domain }: Setting,
): Verdict {
  const { id, name, value = '' } = record;
  const include = includeOf(record);
  const records = values.filter(isSpfRecord);
  const [text] = records;
  if (text === undefined) return withoutRecord(name, value, values);
  if (records.length > 1) {
    return wrong(
      'spf-several',
      records,
      `There are ${records.length} SPF records at ${name}, and receivers then count none of them. ${joining(records, include, spf.get(id))}`,
    );
  }
  const broken = grammar(name, text);
  if (broken !== undefined) return broken;
  const terms = text.split(/ +/).map(normal);
  const tree = spf.get(id);
  if (!terms.includes(include)) return notIncluded({ name, text, include, domain }, terms, tree);
  if (terms.findIndex(isAll) >= 0 && terms.findIndex(isAll) < terms.indexOf(include)) {
    return wrong(
      'spf-include-after-all',
      records,
      `Nothing after "all" counts in an SPF record. Change it to: ${merged([text], include)}`,
    );
  }
  const limits = tree && withinLimits(name, text, tree);
  if (limits !== undefined) return limits;
  const times = terms.filter((term) => term === include).length;
  if (times > 1) {
    return {
      status: 'warning',
      code: 'spf-include-duplicated',
      observed: records,
      hint: `${include} is ${times} times in the SPF record at ${name}, and each costs one of the ${MAX_LOOKUPS} look-ups that receivers make. Change it to: ${merged([text], include)}`,
    };
  }
  return ok(records);
}

/**
 * What to put in place of several records; where one cannot be read, that must be mended by hand.
 *
 * @param tree that of all of them in one
 */
function joining(records: readonly string[], include: string, tree: SpfTree | undefined): string {
  if (records.some((text) => syntaxError(text) !== undefined)) {
    return `Join them into one that has ${include} before its "all".`;
  }
  if (tree !== undefined && tree.lookups > MAX_LOOKUPS) {
    return `Joined, with ${include}, they take ${tree.lookups} look-ups, of ${MAX_LOOKUPS} that receivers make: remove what you do not send from any more.`;
  }
  return `Put one in their place: ${merged(records, include)}`;
}

function withoutRecord(name: string, value: string, values: readonly string[]): Verdict {
  const create = `Create a TXT record there: ${value}`;
  const residue = values.filter((text) => isSpfRecord(withoutResidue(text)));
  if (residue.length === 0) return missing(`There is no SPF record at ${name}. ${create}`);
  return wrong(
    'form-residue',
    residue,
    `The SPF record at ${name} has more in it than the record, such as quotes around it, and receivers do not know it. Change it to: ${withoutResidue(residue[0] as string)}`,
  );
}

/** @returns undefined where the record keeps to the grammar */
function grammar(name: string, text: string): Verdict | undefined {
  const error = syntaxError(text);
  if (error === undefined) return undefined;
  const bare = withoutResidue(text);
  if (bare !== text && isSpfRecord(bare) && syntaxError(bare) === undefined) {
    return wrong(
      'form-residue',
      [text],
      `The SPF record at ${name} has more in it than the record, such as a quote at its end, and receivers count none of it. Change it to: ${bare}`,
    );
  }
  return wrong(
    'spf-invalid',
    [text],
    `Receivers count nothing of the SPF record at ${name}, since it breaks the grammar: ${error}.`,
  );
}

/** What is wrong with the grammar of a record; undefined where nothing is. */
export function syntaxError(text: string): string | undefined {
  try {
    parseSpf(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function notIncluded(
  { name, text, include, domain }: { name: string; text: string; include: string; domain: string },
  terms: readonly string[],
  tree: SpfTree | undefined,
): Verdict {
  const softened = terms.find((term) => /^[-~?]/.test(term) && term.slice(1) === include);
  if (softened !== undefined) {
    return wrong(
      'spf-include-negated',
      [text],
      `Remove the "${softened.charAt(0)}" before ${include}: as it is, it does not let our servers send.`,
    );
  }
  const appended = terms.find((term) => term === `${include}.${domain}`);
  if (appended !== undefined) {
    return wrong(
      'appended-domain-in-value',
      [text],
      `Our include has your domain appended to it. Change ${appended} to ${include}.`,
    );
  }
  // The tree was made of the record with our include in it.
  if (tree !== undefined && tree.lookups > MAX_LOOKUPS) {
    return {
      ...wrong(
        'spf-no-include',
        [text],
        `The SPF record at ${name} lacks our servers, and has no room for them: with ${include} it takes ${tree.lookups} look-ups, of ${MAX_LOOKUPS} that receivers make. Remove what you do not send from any more, then add it.`,
      ),
      spf: tree,
    };
  }
  return wrong(
    'spf-no-include',
    [text],
    `The SPF record at ${name} lacks our servers. Change it to: ${merged([text], include)}`,
  );
}

/** @returns undefined where receivers can follow all of it */
function withinLimits(name: string, text: string, tree: SpfTree): Verdict | undefined {
  const bad = (code: RecordCode, hint: string): Verdict => ({
    ...wrong(code, [text], hint),
    spf: tree,
  });
  if (tree.lookups > MAX_LOOKUPS || findProblem(tree.root, ['loop']) !== undefined) {
    return bad(
      'spf-too-many-lookups',
      `The SPF record at ${name} takes ${tree.lookups} look-ups with all that it includes, and receivers give up after ${MAX_LOOKUPS}: then none of it counts. Most are in ${costliest(tree)}. Remove what you do not send from any more.`,
    );
  }
  const broken = findProblem(tree.root, ['no-record', 'several-records', 'invalid']);
  if (broken !== undefined) {
    return bad(
      'spf-broken-include',
      `The SPF record at ${name} includes ${broken.domain}, which has no valid SPF record: then none of it counts. Remove what includes it.`,
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

/** The record, or all of them in one, with our include where it counts. */
export const merged = (records: readonly string[], include: string): string =>
  withInclude(records, include.slice('include:'.length));
