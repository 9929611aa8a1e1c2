import type { Lookup } from '../../../model/lookup.ts';
import { MAX_LOOKUPS } from '../../../spf/evaluate.ts';
import { isSpfRecord } from '../../../spf/record.ts';
import type { SpfTree } from '../../../spf/tree.ts';
import type { PublishedRecord } from '../../kind.ts';
import { withoutPastedArtefacts } from '../../pasted-artefacts.ts';
import type { Setting } from '../../setting.ts';
import { missing, ok, warning, wrong, type Verdict } from '../../verdict.ts';
import type { SpfCode } from './codes.ts';
import { withinLimits } from './limits.ts';
import {
  includeOf,
  isIncluded,
  correctedSpf,
  syntaxError,
  termsOf,
  withoutOld,
} from './corrected-spf.ts';
import { valueInstead } from './value-instead.ts';

/**
 * Judges from one answer whether an SPF record has our include where it counts (RFC 7208 §4.5,
 * §4.6), and receivers can follow all of it. The verdict has the text to put in its place.
 *
 * @param record its value is an SPF record with our include alone
 */
export function judgeSpf(
  record: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
): Verdict<SpfCode> {
  const verdict = judge(record, lookup, setting);
  const value = valueInstead(record, lookup, setting, verdict);
  return value === undefined ? verdict : { ...verdict, value };
}

function judge(record: PublishedRecord, { values }: Lookup, setting: Setting): Verdict<SpfCode> {
  const { spf, domain } = setting;
  const { id, name } = record;
  const include = includeOf(record);
  const records = values.filter(isSpfRecord);
  const [text] = records;
  if (text === undefined) return withoutRecord(record, values, domain);
  if (records.length > 1) {
    return wrong(
      'spf-several',
      records,
      `There are ${records.length} SPF records at ${name}, and receivers then count none of them. ${joining(records, { include, domain }, spf.get(id))}`,
    );
  }
  const broken = grammar(name, text, { include, domain });
  if (broken !== undefined) return broken;
  const terms = termsOf(text);
  const tree = spf.get(id);
  const current = withoutOld(text, setting);
  if (!terms.includes(include) && current !== text) {
    return wrong(
      'old-label',
      records,
      `The SPF record at ${name} includes the senders of your earlier claim of ${domain}, which was deleted. Change it to: ${correctedSpf([current], include, domain)}`,
    );
  }
  if (!terms.includes(include)) return notIncluded({ name, text, include, domain }, terms, tree);
  if (!isIncluded(include, terms)) {
    return wrong(
      'spf-include-after-all',
      records,
      `Nothing after "all" counts in an SPF record. Change it to: ${correctedSpf([text], include, domain)}`,
    );
  }
  const limits = tree && withinLimits(name, text, tree);
  if (limits !== undefined) return limits;
  const times = terms.filter((term) => term === include).length;
  if (times > 1) {
    return warning(
      'spf-include-duplicated',
      records,
      `${include} is ${times} times in the SPF record at ${name}, and each costs one of the ${MAX_LOOKUPS} look-ups that receivers make. Change it to: ${correctedSpf([text], include, domain)}`,
    );
  }
  return ok(records);
}

/**
 * Returns the text to put in place of several records; where one cannot be read, a person must
 * repair that first.
 *
 * @param tree that of all of them in one
 */
function joining(
  records: readonly string[],
  { include, domain }: Ours,
  tree: SpfTree | undefined,
): string {
  if (records.some((text) => syntaxError(text) !== undefined)) {
    return `Join them into one that has ${include} before its "all".`;
  }
  if (tree !== undefined && tree.lookups > MAX_LOOKUPS) {
    return `Joined, with ${include}, they take ${tree.lookups} look-ups, of ${MAX_LOOKUPS} that receivers make: remove what you do not send from any more.`;
  }
  return `Put one in their place: ${correctedSpf(records, include, domain)}`;
}

/** The term that the record must have, and the domain that it may have been appended to. */
interface Ours {
  /** As a term. */
  readonly include: string;
  readonly domain: string;
}

function withoutRecord(
  record: PublishedRecord,
  values: readonly string[],
  domain: string,
): Verdict<SpfCode> {
  const { name, value } = record;
  const pasted = values.filter((text) => isSpfRecord(withoutPastedArtefacts(text)));
  if (pasted.length === 0) {
    return missing(`There is no SPF record at ${name}. Create a TXT record there: ${value}`);
  }
  const bare = pasted.map(withoutPastedArtefacts);
  const change = bare.every((text) => syntaxError(text) === undefined)
    ? `Change it to: ${correctedSpf(bare, includeOf(record), domain)}`
    : 'Remove that.';
  return wrong(
    'form-residue',
    pasted,
    `The SPF record at ${name} has more in it than the record, such as quotes around it, and receivers do not know it. ${change}`,
  );
}

/** @returns undefined where the record keeps to the grammar */
function grammar(
  name: string,
  text: string,
  { include, domain }: Ours,
): Verdict<SpfCode> | undefined {
  const error = syntaxError(text);
  if (error === undefined) return undefined;
  const bare = withoutPastedArtefacts(text);
  if (bare !== text && isSpfRecord(bare) && syntaxError(bare) === undefined) {
    return wrong(
      'form-residue',
      [text],
      `The SPF record at ${name} has more in it than the record, such as a quote at its end, and receivers count none of it. Change it to: ${correctedSpf([bare], include, domain)}`,
    );
  }
  return wrong(
    'spf-invalid',
    [text],
    `Receivers count nothing of the SPF record at ${name}, since it breaks the grammar: ${error}.`,
  );
}

function notIncluded(
  { name, text, include, domain }: Ours & { readonly name: string; readonly text: string },
  terms: readonly string[],
  tree: SpfTree | undefined,
): Verdict<SpfCode> {
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
    `The SPF record at ${name} lacks our servers. Change it to: ${correctedSpf([text], include, domain)}`,
  );
}
