import { Refusal } from '../model/errors.ts';
import { isAtOrBelow } from '../model/names.ts';
import { hasMacros } from './macro.ts';
import { aggregate, masked, networkMechanism, type Network } from './networks.ts';
import { parseSpf, SpfSyntaxError, type Mechanism } from './record.ts';

/** The place and the customer of a mechanism to be published. */
export interface MechanismSetting {
  /** The customer's domain, which `a`, `mx` and `%{d}` mean. */
  readonly domain: string;
  /** The service's own zone, whose records a customer's may not include. */
  readonly zone: string;
}

/** Larger networks than anybody's mail servers fill: a typo, or `+all` in effect. */
const SHORTEST_PREFIX = { ip4: 8, ip6: 16 } as const;

/**
 * Returns a customer's mechanism in the form to store and publish: without the qualifier `+`, its
 * networks masked. The customer's domain replaces each implied domain, since the mechanism is in a
 * record of ours.
 *
 * @param text one of ip4, ip6, a, mx, include, exists
 * @throws Refusal `spf-invalid`
 */
export function normalMechanism(text: string, setting: MechanismSetting): string {
  const mechanism = parseOne(text);
  if (mechanism.qualifier !== 'pass') {
    throw invalid(text, 'mechanisms here list who may send; leave the sign before it out');
  }
  switch (mechanism.kind) {
    case 'ip4':
    case 'ip6':
      return normalNetwork(mechanism, text);
    case 'a':
    case 'mx':
      return normalHosts(mechanism, text, setting);
    case 'include':
    case 'exists':
      return `${mechanism.kind}:${normalDomain(mechanism.domain, text, setting)}`;
    case 'all':
      throw invalid(text, 'what becomes of all other senders is said by "all"');
    case 'ptr':
      throw invalid(text, 'ptr must not be used any more (RFC 7208 §5.5); list the addresses');
    default:
      return mechanism satisfies never;
  }
}

function parseOne(text: string): Mechanism {
  try {
    const { mechanisms, redirect, exp } = parseSpf(`v=spf1 ${text}`);
    const [mechanism, ...more] = mechanisms;
    if (mechanism?.text === text && more.length === 0 && redirect === undefined && !exp)
      return mechanism;
  } catch (error) {
    if (error instanceof SpfSyntaxError) throw invalid(text, error.why);
    throw error;
  }
  throw invalid(text, 'give one mechanism, such as ip4:192.0.2.0/24 or include:_spf.example.net');
}

function normalNetwork(
  { kind, network, prefix }: Mechanism & { kind: 'ip4' | 'ip6' },
  text: string,
): string {
  if (prefix < SHORTEST_PREFIX[kind]) {
    throw invalid(text, `the shortest prefix length of ${kind} is ${SHORTEST_PREFIX[kind]}`);
  }
  return networkMechanism(masked({ address: network, prefix }));
}

function normalHosts(
  { kind, domain, prefix4, prefix6 }: Mechanism & { kind: 'a' | 'mx' },
  text: string,
  setting: MechanismSetting,
): string {
  if (prefix4 < SHORTEST_PREFIX.ip4 || prefix6 < SHORTEST_PREFIX.ip6) {
    throw invalid(
      text,
      `the shortest prefix lengths are ${SHORTEST_PREFIX.ip4} and ${SHORTEST_PREFIX.ip6}`,
    );
  }
  const name = domain === undefined ? setting.domain : normalDomain(domain, text, setting);
  const four = prefix4 === 32 ? '' : `/${prefix4}`;
  const six = prefix6 === 128 ? '' : `//${prefix6}`;
  return `${kind}:${name}${four}${six}`;
}

function normalDomain(spec: string, text: string, { domain, zone }: MechanismSetting): string {
  if (/%\{p/i.test(spec)) {
    throw invalid(text, 'the macro p must not be used any more (RFC 7208 §7.2)');
  }
  const bound = lowerCased(bindDomain(spec, domain)).replace(/\.$/, '');
  if (isAtOrBelow(bound, zone) || (bound === domain && /^\+?include/i.test(text))) {
    throw invalid(text, 'it would include itself');
  }
  if (!hasMacros(bound) && bound.length > 253) {
    throw invalid(text, 'its name is longer than 253 characters');
  }
  return bound;
}

/**
 * Puts the domain in place of the macro `d`, which only depends on the record's place (RFC 7208
 * §7.3).
 */
function bindDomain(spec: string, domain: string): string {
  return spec.replaceAll(
    /%\{d(\d*)(r?)([-.+,/_=]*)\}/gi,
    (_, digits: string, reverse: string, delimiters: string) => {
      const separators = delimiters === '' ? ['.'] : delimiters.split('');
      let parts = splitAt(domain, separators);
      if (reverse !== '') parts = parts.toReversed();
      return (digits === '' ? parts : parts.slice(-Number(digits))).join('.');
    },
  );
}

/** Splits at each of the separators; an expression made of them would need escaping. */
const splitAt = (text: string, separators: readonly string[]): string[] =>
  separators.reduce((whole, separator) => whole.replaceAll(separator, '\0'), text).split('\0');

/** Names are the same in any case, macros are not. */
const lowerCased = (spec: string): string =>
  spec.replaceAll(/%\{[^}]*\}|[^%]+/g, (part) =>
    part.startsWith('%') ? part : part.toLowerCase(),
  );

/**
 * The same senders in as few mechanisms as can be: each once, networks aggregated and put first, as
 * they cost no lookup; otherwise in the order given.
 */
export function shortest(mechanisms: readonly string[]): string[] {
  const networks: Network[] = [];
  const others = new Set<string>();
  for (const mechanism of mechanisms.flatMap((text) => parseSpf(`v=spf1 ${text}`).mechanisms)) {
    if (mechanism.kind === 'ip4' || mechanism.kind === 'ip6') {
      networks.push({ address: mechanism.network, prefix: mechanism.prefix });
    } else {
      others.add(mechanism.text);
    }
  }
  return [...aggregate(networks).map(networkMechanism), ...others];
}

/** Counts terms that cause lookups (RFC 7208 §4.6.4), except those within includes. */
export const ownLookups = (mechanisms: readonly string[]): number =>
  mechanisms.filter((text) => !/^\+?ip[46]:/i.test(text)).length;

const invalid = (text: string, why: string): Refusal => {
  const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return new Refusal('spf-invalid', `"${shown}" cannot be a mechanism of the SPF record: ${why}.`);
};
