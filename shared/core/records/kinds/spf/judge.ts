import type { Lookup } from '../../../model/lookup.ts';
import { MAX_LOOKUPS } from '../../../spf/evaluate.ts';
import { isSpfRecord } from '../../../spf/record.ts';
import type { SpfTree } from '../../../spf/tree.ts';
import type { PublishedRecord } from '../../kind.ts';
import { withoutPastedArtefacts } from '../../pasted-artefacts.ts';
import type { Setting } from '../../setting.ts';
import { unregisteredAbove } from '../../unregistered.ts';
import { missing, ok, warning, wrong, type Verdict } from '../../verdict.ts';
import type { SpfCode } from './codes.ts';
import {
  areReadable,
  includedName,
  includeOf,
  isIncluded,
  isSelf,
  listsSenders,
  sendersBehindAll,
  termsOf,
  unreadSpf,
  withoutOld,
} from './corrected-spf.ts';
import { dangerIn } from './dangers.ts';
import { withinLimits } from './limits.ts';
import { resemblesSpf, spfFault, whyUnrecognized } from './reading.ts';

/**
 * Judges from one answer whether an SPF record has our include where it counts (RFC 7208 §4.5,
 * §4.6), and receivers can follow all of it. The hint says what is wrong; `judgeSpf` adds what to
 * change.
 *
 * @param record its value is an SPF record with our include alone
 */
export function judgePresent(
  record: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
): Verdict<SpfCode> {
  const { spf, domain } = setting;
  const { id, name } = record;
  const include = includeOf(record);
  const records = lookup.values.filter(isSpfRecord);
  const [text] = records;
  if (text === undefined) return withoutRecord(record, lookup, setting);
  if (records.length > 1) {
    return wrong(
      'spf-several',
      records,
      `There are ${records.length} SPF records at ${name}, and receivers then count none of them.`,
    );
  }
  const broken = grammar(name, text);
  if (broken !== undefined) return broken;
  const terms = termsOf(text);
  const tree = spf.get(id);
  if (terms.some((term) => isSelf(term, name))) {
    return wrong(
      'spf-loop',
      records,
      `The SPF record at ${name} includes ${name}, which is itself: a loop, which receivers answer with permerror, so that none of it counts.`,
    );
  }
  const listed =
    !isIncluded(include, terms) &&
    withoutOld(text, setting) === text &&
    listsSenders(text, setting.hosted.get(includedName(include)));
  if (!listed && !isIncluded(include, terms))
    return notIncluded({ name, text, include, domain }, setting, tree);
  const limits = tree && withinLimits(name, text, tree, setting);
  if (limits !== undefined) return limits;
  const times = terms.filter((term) => term === include).length;
  if (times > 1) {
    return warning(
      'spf-include-duplicated',
      records,
      `${include} is ${times} times in the SPF record at ${name}, and each costs one of the ${MAX_LOOKUPS} DNS lookups that receivers make.`,
    );
  }
  return (
    dangerIn(name, text, tree, setting) ??
    notCounted(name, text, lookup) ??
    (listed ? ownSenders(name, text, include) : ok(records))
  );
}

/** The customer's own record lists our senders: nothing needs to be changed. */
const ownSenders = (name: string, text: string, include: string): Verdict<SpfCode> => ({
  status: 'ok-external',
  code: 'spf-own-senders',
  observed: [text],
  hint: `Nothing to do: your SPF record at ${name} lets our servers send. To have us keep the list of them, put ${include} in their place.`,
  value: text,
});

/** Senders that somebody listed, and that do not count. */
function notCounted(name: string, text: string, { values }: Lookup): Verdict<SpfCode> | undefined {
  const behind = sendersBehindAll(text);
  if (behind.length > 0) {
    return warning(
      'spf-senders-after-all',
      [text],
      `Nothing after "all" counts in the SPF record at ${name}, so that ${behind.join(' ')} may not send. Move what is to send before it, and remove the rest.`,
    );
  }
  const unread = unreadSpf(values);
  if (unread.length === 0) return undefined;
  return warning(
    'spf-unrecognized',
    [text, ...unread],
    `Beside the SPF record at ${name} there is a text that was meant as one. Receivers do not take it for one, so that its senders do not count. Join them into one, or delete the text.`,
  );
}

function withoutRecord(
  record: PublishedRecord,
  { values, cnames }: Lookup,
  setting: Setting,
): Verdict<SpfCode> {
  const { domain } = setting;
  const { name, value } = record;
  const [target] = cnames;
  if (target !== undefined && name === domain) {
    const free = unregisteredAbove(target, setting);
    if (free !== undefined) {
      return {
        ...warning(
          'spf-unregistered',
          [target],
          `${name} is a CNAME record to ${target}, and ${free} is not registered: whoever registers it can publish SPF as ${name}, and more. Remove the CNAME record.`,
        ),
        value: '',
      };
    }
    return {
      status: 'ok-external',
      code: 'spf-at-cname',
      observed: [target],
      hint: `${name} is a CNAME record (to ${target}), and DNS allows no other record beside one: SPF cannot be there. It is not needed either, since mail is judged by the SPF record of the bounce name. Create nothing here: there is nothing to do.`,
      value: '',
    };
  }
  const meant = values.filter(resemblesSpf);
  if (meant.length === 0) {
    return missing(`There is no SPF record at ${name}. Create a TXT record there: ${value}`);
  }
  const bare = meant.map(withoutPastedArtefacts);
  if (areReadable(bare)) {
    return wrong(
      'form-residue',
      meant,
      `The SPF record at ${name} has more in it than the record, such as quotes around it, and receivers do not know it.`,
    );
  }
  const why = [...new Set(meant.map(whyUnrecognized))].join('; ');
  return wrong(
    'spf-unrecognized',
    meant,
    `The text at ${name} was meant as an SPF record, but receivers do not take it for one and see none: it has ${why}.`,
  );
}

/** @returns undefined where the record keeps to the grammar */
function grammar(name: string, text: string): Verdict<SpfCode> | undefined {
  const fault = spfFault(text);
  if (fault === undefined) return undefined;
  const bare = withoutPastedArtefacts(text);
  if (bare !== text && areReadable([bare])) {
    return wrong(
      'form-residue',
      [text],
      `The SPF record at ${name} has more in it than the record, such as a quote at its end, and receivers count none of it.`,
    );
  }
  return wrong(
    'spf-invalid',
    [text],
    `Receivers count nothing of the SPF record at ${name}, or not what was meant, since it breaks the grammar: ${fault}.`,
  );
}

interface Present {
  readonly name: string;
  readonly text: string;
  /** As a term. */
  readonly include: string;
  readonly domain: string;
}

function notIncluded(
  { name, text, include, domain }: Present,
  setting: Setting,
  tree: SpfTree | undefined,
): Verdict<SpfCode> {
  const terms = termsOf(text);
  if (terms.includes(include)) {
    return wrong('spf-include-after-all', [text], 'Nothing after "all" counts in an SPF record.');
  }
  if (withoutOld(text, setting) !== text) {
    return wrong(
      'old-label',
      [text],
      `The SPF record at ${name} includes the senders of your earlier claim of ${domain}, which was deleted.`,
    );
  }
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
      `Our include has your domain appended to it: ${appended} instead of ${include}.`,
    );
  }
  // The tree was made of the record with our include in it.
  if (tree !== undefined && tree.lookups > MAX_LOOKUPS) {
    return {
      ...wrong(
        'spf-no-include',
        [text],
        `The SPF record at ${name} lacks our servers, and has no room for them: with ${include} it takes ${tree.lookups} DNS lookups, of ${MAX_LOOKUPS} that receivers make. Remove what you do not send from any more, then add it.`,
      ),
      spf: tree,
    };
  }
  return wrong('spf-no-include', [text], `The SPF record at ${name} lacks our servers.`);
}
