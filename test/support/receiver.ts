import type { KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { type DkimResult, verifyMessage } from '#shared/core/dkim/verify.ts';
import { txtResolver } from '#shared/adapters/dns/txt-resolver.ts';
import { policyInEffect } from '#shared/core/dmarc/policy-in-effect.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { parseHeader, parseMessage } from '#shared/core/mail/parse.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { areAligned, organizationOf } from '#shared/core/reports/row.ts';
import { evaluateSpf, type SpfVerdict } from '#shared/core/spf/evaluate.ts';

/** A mail as a receiver's server accepts it. */
export interface ArrivingMail {
  readonly raw: Buffer;
  readonly ip: string;
  readonly helo: string;
  /** Without brackets. */
  readonly mailFrom: string;
}

export interface ReceiverOptions {
  /** The address that its reports come from. */
  readonly address: string;
  readonly key: KeyObject;
  readonly selector: string;
  readonly resolver: Pick<Resolver, 'lookup'>;
}

interface Judgement {
  readonly domain: string;
  readonly disposition: string;
  readonly dkim: readonly DkimResult[];
  readonly spf: SpfVerdict;
  readonly dkimAligned: boolean;
  readonly spfAligned: boolean;
}

/**
 * A receiver of mail: judges it by SPF, DKIM and DMARC as DNS has them. It writes aggregate reports
 * of what it saw, signed with a key of its own.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #rows = new Map<string, { xml: (count: number) => string; count: number }>();

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  get domain(): string {
    return this.#options.address.slice(this.#options.address.indexOf('@') + 1);
  }

  /**
   * Takes a mail in, as often as `count` says.
   *
   * @param at time of receipt, for signatures that expire
   * @returns its disposition: `none` where it is let pass
   */
  async receive(mail: ArrivingMail, at: Date, count = 1): Promise<string> {
    const judged = await this.#judge(mail, at);
    const key = `${judged.domain} ${rowXml(mail, judged)(0)}`;
    const row = this.#rows.get(key) ?? { xml: rowXml(mail, judged), count: 0 };
    row.count += count;
    this.#rows.set(key, row);
    return judged.disposition;
  }

  /** The report mail about a domain of a day, and the rows forgotten; undefined where it saw no mail. */
  report(domain: string, day: string, to: string, at: Date): Buffer | undefined {
    const mine = [...this.#rows].filter(([key]) => {
      const [from = ''] = key.split(' ');
      return from === domain || from.endsWith(`.${domain}`);
    });
    if (mine.length === 0) return undefined;
    for (const [key] of mine) this.#rows.delete(key);
    const begin = Date.parse(day) / 1_000;
    const xml = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">',
      `<report_metadata><org_name>${this.domain}</org_name><email>${this.#options.address}</email><report_id>${domain}.${begin}</report_id><date_range><begin>${begin}</begin><end>${begin + 86_399}</end></date_range></report_metadata>`,
      `<policy_published><domain>${domain}</domain></policy_published>`,
      ...mine.map(([, { xml: row, count }]) => row(count)),
      '</feedback>',
    ].join('\n');
    return this.#signed(reportMail(this.#options.address, to, xml), at);
  }

  #signed(raw: Buffer, at: Date): Buffer {
    const { key, selector } = this.#options;
    const domain = organizationOf(this.domain);
    const time = Math.floor(at.getTime() / 1_000);
    const field = signMessage(parseMessage(raw), {
      domain,
      selector,
      key,
      time,
      profile: sesProfile,
    });
    return Buffer.concat([field, raw]);
  }

  async #judge({ raw, ip, helo, mailFrom }: ArrivingMail, at: Date): Promise<Judgement> {
    const { resolver } = this.#options;
    const author = authorOf(parseHeader(raw));
    if (!author.ok) throw new Error(author.refusal.detail);
    const { domain } = author;
    const seconds = Math.floor(at.getTime() / 1_000);
    const dkim = await verifyMessage(raw, txtResolver(resolver), seconds);
    const spf = await evaluateSpf(
      { ip, helo, mailFrom, receiver: this.domain, epochSeconds: seconds },
      (name, type) => resolver.lookup(name, type),
    );
    const dkimAligned = dkim.some(
      ({ result, signature }) =>
        result === 'pass' && signature !== undefined && areAligned(signature.domain, domain),
    );
    const spfAligned = spf.result === 'pass' && areAligned(domainOf(mailFrom), domain);
    const effect = await policyInEffect(domain, (name) => resolver.lookup(name, 'TXT'));
    const asked = effect.kind === 'found' ? effect.policy.p : 'none';
    const disposition = dkimAligned || spfAligned ? 'none' : asked;
    return { domain, disposition, dkim, spf, dkimAligned, spfAligned };
  }
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

const verdict = (passed: boolean): string => (passed ? 'pass' : 'fail');

function rowXml({ ip, mailFrom }: ArrivingMail, judged: Judgement): (count: number) => string {
  const signatures = judged.dkim.flatMap(({ result, signature }) =>
    signature === undefined
      ? []
      : `<dkim><domain>${signature.domain}</domain><selector>${signature.selector}</selector><result>${result}</result></dkim>`,
  );
  return (count) =>
    `<record><row><source_ip>${ip}</source_ip><count>${count}</count><policy_evaluated><disposition>${judged.disposition}</disposition><dkim>${verdict(judged.dkimAligned)}</dkim><spf>${verdict(judged.spfAligned)}</spf></policy_evaluated></row><identifiers><header_from>${judged.domain}</header_from><envelope_from>${domainOf(mailFrom)}</envelope_from></identifiers><auth_results>${signatures.join('')}<spf><domain>${domainOf(mailFrom)}</domain><scope>mfrom</scope><result>${judged.spf.result}</result></spf></auth_results></record>`;
}

/** A report as receivers mail it. */
export function reportMail(from: string, to: string, xml: string): Buffer {
  return Buffer.from(
    [
      `From: ${from}`,
      `To: ${to}`,
      'Subject: Report Domain',
      'MIME-Version: 1.0',
      'Content-Type: application/gzip; name="report.xml.gz"',
      'Content-Transfer-Encoding: base64',
      '',
      gzipSync(xml).toString('base64').replaceAll(/.{76}/g, '$&\r\n'),
      '',
    ].join('\r\n'),
  );
}
