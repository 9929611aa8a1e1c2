import { answered } from '#shared/core/model/lookup.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import { isDmarcRecord, parseDmarc } from '#shared/core/dmarc/record.ts';
import type { Resolver } from '../../ports/resolver.ts';
import { answersTo, type Observations } from './observations.ts';
import { ownQuestion } from './questions.ts';

/** Receivers need not report to more than a few addresses. */
const MOST_HOSTS = 5;

/**
 * Returns the hosts of the report addresses in a domain's own DMARC record that do not agree to get
 * its reports, so that receivers must ignore the addresses (RFC 9990 §4). A host of the same
 * organisation needs no agreement; one that does not answer is not among them.
 */
export async function refusingHosts(
  records: readonly CustomerRecord[],
  observations: Observations,
  domain: DomainName,
  resolver: Pick<Resolver, 'authoritative'>,
): Promise<ReadonlySet<string>> {
  const texts = records
    .filter(({ purpose }) => purpose === 'dmarc')
    .flatMap((record) => answersTo(observations, ownQuestion(record)))
    .flatMap(({ values }) => values);
  const hosts = new Set(texts.flatMap((text) => reportHosts(text)));
  const found = await Promise.all(
    [...hosts]
      .filter((host) => registrableDomain(host as DomainName) !== registrableDomain(domain))
      .slice(0, MOST_HOSTS)
      .map(async (host) => {
        const name = `${domain}._report._dmarc.${host}`;
        const answers = answered(await resolver.authoritative(name, 'TXT'));
        const agrees = answers.some(({ values }) => values.some(isDmarcRecord));
        return answers.length === 0 || agrees ? [] : [host];
      }),
  );
  return new Set(found.flat());
}

const reportHosts = (text: string): string[] =>
  (parseDmarc(text)?.rua ?? []).flatMap((uri) => {
    const [, host] = /^mailto:[^@]*@([a-z0-9.-]+)$/i.exec(uri) ?? [];
    return host === undefined ? [] : [host.toLowerCase()];
  });
