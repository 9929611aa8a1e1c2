import type { Delegation } from '#shared/core/model/lookup.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { RecordCode } from '#shared/core/records/codes.ts';
import type { DomainCode } from '#shared/core/records/common-codes.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { wrong, type Verdict } from '#shared/core/records/verdict.ts';
import { wayToEnter } from './dns-providers.ts';

const MOST_OBSERVED = 10;
const LONGEST_OBSERVED = 1_000;

/** Returns true if nothing is to be changed. */
export const isGood = ({ status }: Pick<RecordCheck, 'status'>): boolean =>
  status === 'ok' || status === 'ok-external';

/**
 * The verdict on a record from what each of the domain's servers answered: right only where all
 * that answered have it right, else the worst. No answer at all is `unknown`.
 *
 * @param silent the name below the domain whose own servers keep silent, where only they do
 */
export function combined(
  id: string,
  verdicts: readonly Verdict<RecordCode>[],
  { domain, delegation }: Pick<Setting, 'domain' | 'delegation'>,
  silent?: string,
): RecordCheck {
  const bad = verdicts.filter((verdict) => !isGood(verdict));
  const verdict =
    bad.find(({ status }) => status !== 'warning') ??
    bad[0] ??
    verdicts.find(({ status }) => status === 'ok-external') ??
    verdicts[0];
  if (verdict === undefined) return { id, ...noAnswer(domain, delegation, silent) };
  // A value that is right on one server stays.
  const value = verdicts.find(isGood)?.value ?? verdict.value;
  const seen = new Set(verdicts.flatMap(({ observed }) => observed));
  const observed = [...seen]
    .slice(0, MOST_OBSERVED)
    .map((text) =>
      text.length > LONGEST_OBSERVED ? `${text.slice(0, LONGEST_OBSERVED)}...` : text,
    );
  const disagree = bad.length > 0 && bad.length < verdicts.length;
  const hint = disagree
    ? `${bad.length} of the ${verdicts.length} name servers of ${domain} that answered do not have it right. A change may take a few minutes to reach all of them. ${verdict.hint ?? ''}`.trim()
    : verdict.hint;
  return {
    id,
    ...verdict,
    observed,
    ...(hint === undefined ? {} : { hint }),
    ...(value === undefined ? {} : { value }),
  };
}

/** Returns why there is no answer, as far as DNS shows. */
function noAnswer(
  domain: DomainName,
  delegation: Delegation | undefined,
  silent: string | undefined,
): Verdict<DomainCode> {
  const unknown = { status: 'unknown' as const, observed: [] };
  const servers = delegation?.nameServers.slice(0, MOST_OBSERVED) ?? [];
  switch (delegation?.state) {
    case 'bogus':
      return {
        ...unknown,
        code: 'dnssec-bogus',
        hint: `Resolvers that validate DNSSEC refuse every answer of ${domain}: its signatures do not match the DS record at the registry. Have your DNS provider sign the zone anew, or remove the DS record at your registrar.`,
      };
    case 'not-delegated':
      return {
        ...unknown,
        code: 'not-delegated',
        observed: servers,
        hint: `The zone above ${domain} names ${servers.join(', ')} as its name servers, and they do not have the zone. Enter the name servers of your DNS provider at your registrar, or create the zone there.`,
      };
    case 'no-such-domain':
    case 'served':
    case 'unknown':
    case undefined:
      return {
        ...unknown,
        code: 'no-answer',
        hint:
          silent === undefined
            ? `The name servers of ${domain} did not answer. Nothing changes until they do.`
            : `The name servers of ${silent} did not answer, while those of ${domain} do, which refer to them by NS records. If these are left over, delete them and create the record at ${domain}. Nothing changes until there is an answer.`,
      };
  }
}

/** The verdict on every record of a domain that is not there. */
export const noSuchDomain = (domain: DomainName): Verdict<DomainCode> => ({
  status: 'missing',
  code: 'no-such-domain',
  observed: [],
  hint: `${domain} is not in the public DNS: it is not registered, has expired, or has no name servers at its registry. Check how it is spelled, and with your registrar.`,
});

/** Adds how the DNS provider of the domain wants records entered, where a record is to be entered. */
export function withWayToEnter(
  check: RecordCheck,
  record: { readonly name: string; readonly type: CustomerRecord['type'] },
  { domain, delegation }: Pick<Setting, 'domain' | 'delegation'>,
): RecordCheck {
  const toEnter =
    check.status === 'missing' || check.status === 'wrong' || check.status === 'warning';
  if (!toEnter || check.hint === undefined || check.code === 'no-such-domain') return check;
  const way = wayToEnter(delegation?.nameServers ?? [], record, delegation?.zone ?? domain);
  return way === undefined ? check : { ...check, hint: `${check.hint} ${way}` };
}

/** Returns the verdict on a name at which the domain's servers fail, while they answer for others. */
export const nameFails = (
  { name, type, value = '' }: CustomerRecord,
  { domain }: Pick<Setting, 'domain'>,
): Verdict<RecordCode> =>
  wrong(
    'name-fails',
    [],
    `The name servers of ${domain} fail at ${name}, while they answer for other names: receivers find nothing there. Often a CNAME record leads back to itself, over other names of yours. Delete what is at ${name}, and create the ${type} record: ${value}`,
  );
