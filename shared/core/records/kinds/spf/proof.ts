import { evaluateSpfOffline, type SpfResult } from '../../../spf/evaluate.ts';
import { formatIp } from '../../../spf/ip-address.ts';
import { MAX_RECORD_LENGTH, parseSpf, type Mechanism } from '../../../spf/record.ts';

/** A sender, by its address, and the question that DNS answers with it, if any: `A mx.example.net`. */
interface Sender {
  readonly ip: string;
  readonly question?: string;
}

/** Bounds the work on hostile records. */
const MOST_SENDERS = 200;

/**
 * Returns true if every sender that passes by one of the records passes by another one, and none
 * gets a worse result: a fail where it had a soft-fail or nothing.
 *
 * The evaluator decides for two addresses of each network, for one behind each name, and for a
 * stranger. Each name that a record leads to has a record of its own.
 *
 * @param domain the name that the records are at
 * @param before SPF records that keep to the grammar, each judged alone
 */
export function keepsSenders(domain: string, before: readonly string[], after: string): boolean {
  if ([...before, after].join('').length > 2 * MAX_RECORD_LENGTH) return false;
  const [last = '', ...first] = [...before, after].map(withPlainNames).toReversed();
  const senders = sendersOf(domain, [...first, last]);
  if (senders.length > MOST_SENDERS) return false;
  const addresses = new Map(
    senders.flatMap(({ ip, question }) => (question === undefined ? [] : [[question, ip]])),
  );
  const resultOf = (sender: Sender, text: string) =>
    rank(resultFor(sender, domain, text, addresses));
  return senders.every((sender) => {
    const best = Math.max(...first.map((text) => resultOf(sender, text)));
    return resultOf(sender, last) >= best;
  });
}

/** From the result that receivers treat worst. */
const results: readonly SpfResult[] = [
  'permerror',
  'temperror',
  'fail',
  'softfail',
  'none',
  'neutral',
  'pass',
];
const rank = (result: SpfResult): number => results.indexOf(result);

/** Puts an include of a plain name in place of `exists` and of names with macros, which depend on the mail. */
const withPlainNames = (text: string): string =>
  text
    .split(' ')
    .map((term) => term.replace(/^([+?~-]?)exists:/i, '$1include:exists.'))
    .map((term) => (term.includes('%') ? `${term.replaceAll(/[^\w:=.+?~-]/g, '_')}.macro` : term))
    .join(' ');

function sendersOf(domain: string, texts: readonly string[]): Sender[] {
  const questions = new Set<string>();
  const ips = new Set<string>(['233.252.0.1']);
  for (const text of texts) {
    const { mechanisms, redirect } = parseSpf(text);
    for (const mechanism of mechanisms) {
      for (const ip of edgesOf(mechanism)) ips.add(ip);
      const question = questionOf(mechanism, domain);
      if (question !== undefined) questions.add(question);
    }
    if (redirect !== undefined) questions.add(`TXT ${canonical(redirect)}`);
  }
  return [
    ...[...ips].map((ip) => ({ ip })),
    // Reserved addresses (RFC 1112 §4), far enough apart for any `a/24`.
    ...[...questions].map((question, index) => ({
      ip: `${240 + (index >> 8)}.${index & 255}.0.1`,
      question,
    })),
  ];
}

const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** The first and the last address of a network. */
function edgesOf(mechanism: Mechanism): string[] {
  if (mechanism.kind !== 'ip4' && mechanism.kind !== 'ip6') return [];
  const { network, prefix } = mechanism;
  const hostBits = (index: number): number => 0xff >> Math.min(8, Math.max(0, prefix - index * 8));
  return [
    formatIp(network.map((octet, index) => octet & ~hostBits(index))),
    formatIp(network.map((octet, index) => octet | hostBits(index))),
  ];
}

/** The question whose answer has the sender that a mechanism is for, one of its own for each. */
function questionOf(mechanism: Mechanism, domain: string): string | undefined {
  switch (mechanism.kind) {
    case 'include':
    case 'exists':
      return `TXT ${canonical(mechanism.domain)}`;
    case 'a':
      return `A ${canonical(mechanism.domain ?? domain)}`;
    case 'mx':
      return `A mx-of.${canonical(mechanism.domain ?? domain)}`;
    case 'ptr':
      return `A ptr-of.${canonical(mechanism.domain ?? domain)}`;
    case 'all':
    case 'ip4':
    case 'ip6':
      return undefined;
  }
}

const ok = (...values: string[]) => ({ outcome: 'ok' as const, values });

/** Evaluates a record in a DNS in which each name leads to the address of its own sender. */
function resultFor(
  { ip, question = '' }: Sender,
  domain: string,
  text: string,
  addresses: ReadonlyMap<string, string>,
): SpfResult {
  const mail = {
    helo: domain,
    mailFrom: `postmaster@${domain}`,
    receiver: domain,
    epochSeconds: 0,
  };
  const { result } = evaluateSpfOffline({ ...mail, ip }, (name, type) => {
    const at = canonical(name);
    switch (type) {
      case 'TXT':
        return at === domain
          ? ok(text)
          : ok(`v=spf1 ip4:${addresses.get(`TXT ${at}`) ?? OTHER} ?all`);
      case 'MX':
        return ok(`10 mx-of.${at}`);
      case 'A':
        return ok(addresses.get(`A ${at}`) ?? OTHER);
      case 'AAAA':
        return ok('2001:db8:ffff::1');
      case 'PTR':
        return question.startsWith('A ') ? ok(question.slice(2)) : ok();
    }
  });
  return result;
}

/** An address that no sender has. */
const OTHER = '233.252.0.255';
