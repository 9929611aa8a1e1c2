import { isDeepStrictEqual } from 'node:util';
import { initialPolicy } from '../../../dmarc/initial-policy.ts';
import { ownPolicy } from '../../../dmarc/policy-in-effect.ts';
import { isDmarcRecord, parseDmarc } from '../../../dmarc/record.ts';
import { reportsHost } from '../../../model/deployment.ts';
import type { DomainName } from '../../../model/names.ts';
import { registrableDomain } from '../../../model/registrable-domain.ts';
import type { Lookup } from '../../../model/lookup.ts';
import type { PublishedRecord } from '../../kind.ts';
import { cnameTargetVerdict, pointsHere } from '../../cname-target.ts';
import { withoutPastedArtefacts } from '../../pasted-artefacts.ts';
import { hostedNameOf, type Setting } from '../../setting.ts';
import { missing, ok, seenIn, warning, wrong, type Verdict } from '../../verdict.ts';
import { correctedDmarc, faultyTag, unreadAddress, unreadTag, whyFaulty } from './advice.ts';
import type { DmarcCode } from './codes.ts';
import { resemblesDmarc, whyUnreadable } from './reading.ts';

/**
 * Judges a domain's DMARC record, ours or a valid one of the customer's own, from one answer.
 *
 * @param lookup includes the target's records where the name is a CNAME that is not ours
 */
export function judgeDmarc(
  record: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
): Verdict<DmarcCode> {
  const verdict = judgePresent(record, lookup, setting);
  const { corrected, hint = '', observed } = verdict;
  if (corrected === undefined) return verdict;
  const others = lookup.values.filter((text) => !resemblesDmarc(text));
  const applied = { outcome: 'ok' as const, values: [...others, corrected], cnames: [] };
  const { status } = judgePresent(record, applied, setting);
  if (status === 'ok-external' || status === 'ok' || status === 'warning') return verdict;
  const { corrected: _, ...rest } = verdict;
  return { ...rest, hint: `${hint.split(' Change it to: ')[0]} Correct ${observed[0]} by hand.` };
}

function judgePresent(
  { name, type, value = '' }: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
): Verdict<DmarcCode> {
  const [target] = lookup.cnames;
  const copies = type === 'TXT';
  const point = copies
    ? `a TXT record named ${name} with the value "${value}"`
    : `a CNAME record named ${name} that points to ${value}`;
  const ours = copies ? hostedNameOf(name, setting) : value;
  if (target !== undefined && lookup.cnames.includes(ours)) {
    return copies ? pointsHere(target) : ok(lookup.cnames);
  }
  const meant =
    target === undefined ? undefined : cnameTargetVerdict({ name, value: ours, target }, setting);
  if (meant !== undefined) return meant;
  const records = lookup.values.filter(isDmarcRecord);
  const [text] = records;
  if (text === undefined) return withoutRecord(name, lookup, point, setting.domain);
  if (records.length > 1) {
    return wrong(
      'dmarc-several',
      records,
      `There are ${records.length} DMARC records at ${name}, and receivers then count none of them. Keep one, or replace all by ${point}.`,
    );
  }
  const faulty = faultyTag(text);
  if (faulty !== undefined) {
    return withCorrection(
      wrong(
        'dmarc-invalid',
        records,
        `"${faulty}" in the DMARC record at ${name} is no policy: ${whyFaulty(faulty)}. Receivers then apply none of the record, as with p=none.`,
      ),
      text,
      point,
    );
  }
  return (
    (copies ? copyOfOurs(text, { name, value }, setting) : undefined) ??
    ownRecord(name, text, records, point, setting)
  );
}

/**
 * Returns a copy of the record that we show, as it is or as it was; undefined where it is another
 * one.
 */
function copyOfOurs(
  text: string,
  { name, value }: { readonly name: string; readonly value: string },
  { hostedName, zone }: Setting,
): Verdict<DmarcCode> | undefined {
  if (isDeepStrictEqual(parseDmarc(text), parseDmarc(value))) return ok([text]);
  const address = `mailto:${hostedName.slice(0, hostedName.indexOf('.'))}@${reportsHost(zone)}`;
  if (!text.toLowerCase().includes(address)) return undefined;
  return warning(
    'dmarc-stale',
    [text],
    `The DMARC record at ${name} is not as it is set here any more, and receivers go by what is in your DNS. Change it to: ${value}`,
  );
}

function withoutRecord(
  name: string,
  lookup: Lookup,
  point: string,
  domain: DomainName,
): Verdict<DmarcCode> {
  const [target] = lookup.cnames;
  if (target === undefined && lookup.values.length === 0) {
    return missing(withoutAny(name, point, domain));
  }
  const seen = seenIn(lookup);
  const meant = lookup.values.filter(resemblesDmarc);
  const [text] = meant;
  if (text !== undefined) {
    const isPasted = isDmarcRecord(withoutPastedArtefacts(text));
    const verdict = isPasted
      ? wrong(
          'form-residue',
          seen,
          `The DMARC record at ${name} has more in it than the record, such as quotes around it, and receivers do not know it.`,
        )
      : wrong(
          'dmarc-unrecognized',
          seen,
          `The text at ${name} was meant as a DMARC record, but receivers do not take it for one and apply nothing: it has ${whyUnreadable(text)}.`,
        );
    return meant.length === 1 ? withCorrection(verdict, text, point) : verdict;
  }
  if (target === undefined) {
    return wrong(
      'dmarc-unrecognized',
      seen,
      `What is at ${name} is no DMARC record. Replace it by ${point}.`,
    );
  }
  return wrong(
    'other-provider',
    seen,
    `What is at ${name} points to ${target}, where there is no DMARC record. Replace it by ${point}.`,
  );
}

/** Below another domain that one's policy holds (RFC 9989 §4.10), and a record here would override it. */
function withoutAny(name: string, point: string, domain: DomainName): string {
  const above = registrableDomain(domain);
  return above === domain
    ? `There is no DMARC record at ${name}. Create ${point}.`
    : `There is no DMARC record at ${name}, so that the policy of ${above} for its subdomains holds, if it has one. That is fine; to have us keep one for ${domain} alone, create ${point}.`;
}

/** A valid record of the customer's own: fine, and what it asks for can be taken over. */
function ownRecord(
  name: string,
  text: string,
  records: readonly string[],
  point: string,
  { domain, zone, refusing = new Set() }: Setting,
): Verdict<DmarcCode> {
  const parsed = parseDmarc(text);
  const imported = parsed && ownPolicy(parsed);
  const policy = imported && initialPolicy({ kind: 'found', at: domain, ...imported }, { zone });
  const taken = policy === undefined ? {} : { policy };
  const unread = unreadAddress(text);
  if (unread !== undefined) {
    const verdict = warning(
      'dmarc-address',
      records,
      `The DMARC record at ${name} works, but no report comes to "${unread}": receivers want "mailto:" before each address, and commas between them.`,
    );
    return { ...withCorrection(verdict, text, point), ...taken };
  }
  const skipped = unreadTag(text);
  if (skipped !== undefined) {
    const verdict = warning(
      'dmarc-tag-unread',
      records,
      `Receivers do not read "${skipped}" in the DMARC record at ${name} as it was meant: without it the record asks for p=${parsed?.p ?? 'none'}.`,
    );
    return { ...withCorrection(verdict, text, point), ...taken };
  }
  const refused = parsed?.rua.find((uri) =>
    [...refusing].some((host) => uri.toLowerCase().endsWith(`@${host}`)),
  );
  if (refused !== undefined) {
    const host = refused.slice(refused.lastIndexOf('@') + 1).toLowerCase();
    return {
      ...warning(
        'dmarc-address-refused',
        records,
        `The DMARC record at ${name} works, but receivers must not report to ${refused}: ${host} does not agree to get reports of ${domain}. Whoever runs it agrees by a TXT record at ${domain}._report._dmarc.${host} that has "v=DMARC1;"; else remove the address.`,
      ),
      ...taken,
    };
  }
  const note = imported?.milder === undefined ? '' : ` ${imported.milder}`;
  return {
    status: 'ok-external',
    code: 'dmarc-own-record',
    observed: records,
    hint: `Nothing to do: you keep your own DMARC record (p=${parsed?.p ?? 'none'}), which is fine. To have us keep it, set "policy" as the domain's "dmarc", then replace the record by ${point}.${note}`,
    ...taken,
  };
}

/** Adds the corrected record, where there is one that proves itself, and else what to do by hand. */
function withCorrection(
  verdict: Verdict<DmarcCode>,
  text: string,
  point: string,
): Verdict<DmarcCode> {
  const { hint = '' } = verdict;
  const found = correctedDmarc(text);
  if (found === undefined) {
    return { ...verdict, hint: `${hint} Correct it by hand, or replace it by ${point}.` };
  }
  return {
    ...verdict,
    corrected: found.value,
    hint: `${hint} ${found.change} Or replace it by ${point}.`,
  };
}

/** Adds to the verdict on a DMARC record that our CNAME is beside it. */
export function besideOurCname(
  name: string,
  verdict: Verdict<string>,
  target: string,
): Verdict<DmarcCode> {
  const { policy } = verdict;
  const asks = policy === undefined ? '' : ` (p=${policy.p})`;
  return {
    ...wrong(
      'dmarc-beside-cname',
      [...verdict.observed, target],
      `There is a TXT record at ${name}${asks} beside the CNAME record, which DNS does not allow: receivers see the one or the other. Delete the TXT record, or the CNAME record. What the TXT record asks for can be kept by setting it as the domain's "dmarc" first.`,
    ),
    ...(policy === undefined ? {} : { policy }),
  };
}
