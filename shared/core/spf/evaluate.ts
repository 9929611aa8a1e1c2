import { dottedIp, formatIp, isInNetwork, parseIp, type IpAddress } from './ip-address.ts';
import { expandMacros, isMacroString, wantsValidatedName } from './macro.ts';
import {
  isSpfRecord,
  MAX_RECORD_LENGTH,
  parseSpf,
  type Mechanism,
  type SpfRecord,
} from './record.ts';

/** The results of RFC 7208 §2.6. */
export type SpfResult =
  | 'none'
  | 'neutral'
  | 'pass'
  | 'fail'
  | 'softfail'
  | 'temperror'
  | 'permerror';

/** DNS as SPF needs it; `unknown` is a failure to get any answer and makes `temperror`. */
export type SpfLookup = (
  name: string,
  type: 'TXT' | 'A' | 'AAAA' | 'MX' | 'PTR',
) => Promise<{
  readonly outcome: 'ok' | 'nxdomain' | 'unknown';
  readonly values: readonly string[];
}>;

export interface SpfCheck {
  /** The connecting client, IPv4 or IPv6. */
  readonly ip: string;
  readonly helo: string;
  /** The reverse-path without brackets; empty for a bounce, which is judged by `postmaster@<helo>`. */
  readonly mailFrom: string;
  /** The values of `%{r}` and `%{t}` in explanations. */
  readonly receiver: string;
  readonly epochSeconds: number;
}

export interface SpfVerdict {
  readonly result: SpfResult;
  /** The directive that matched, or the fault. */
  readonly reason: string;
  /** The domain owner's words on a `fail`, where a record gives some (`exp=`). */
  readonly explanation?: string;
  /** Terms that caused DNS lookups, of 10 at most, and void lookups, of 2 at most. */
  readonly lookups: number;
  readonly voidLookups: number;
}

/** RFC 7208 §4.6.4. */
export const MAX_LOOKUPS = 10;
export const MAX_VOID_LOOKUPS = 2;
/** Names of one `mx` or `ptr`. */
const MAX_NAMES = 10;

/**
 * `check_host()` of RFC 7208 §4.
 *
 * @throws RangeError where `ip` is no address
 */
export async function evaluateSpf(check: SpfCheck, lookup: SpfLookup): Promise<SpfVerdict> {
  const evaluation = evaluate(check);
  let next = evaluation.next();
  while (next.done !== true) next = evaluation.next(await lookup(next.value.name, next.value.type));
  return next.value;
}

/**
 * `check_host()` with answers that are known already, so without any waiting.
 *
 * @throws RangeError where `ip` is no address
 */
export function evaluateSpfOffline(
  check: SpfCheck,
  answer: (...question: Parameters<SpfLookup>) => SpfAnswer,
): SpfVerdict {
  const evaluation = evaluate(check);
  let next = evaluation.next();
  while (next.done !== true) next = evaluation.next(answer(next.value.name, next.value.type));
  return next.value;
}

/** A computation that yields questions to DNS, and continues with each answer. */
type Asking<Result> = Generator<SpfQuestion, Result, SpfAnswer>;

interface SpfQuestion {
  readonly name: string;
  readonly type: Parameters<SpfLookup>[1];
}

type SpfAnswer = Awaited<ReturnType<SpfLookup>>;

function* ask(name: string, type: SpfQuestion['type']): Asking<SpfAnswer> {
  return yield { name, type };
}

function* evaluate(check: SpfCheck): Asking<SpfVerdict> {
  const ip = parseIp(check.ip);
  if (ip === undefined) throw new RangeError(`"${check.ip}" is no IP address`);
  const sender = senderOf(check);
  const evaluation = new Evaluation(ip, check, sender);
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const outcome = yield* evaluation.host(domain, true);
  return { ...outcome, lookups: evaluation.lookups, voidLookups: evaluation.voidLookups };
}

function senderOf({ mailFrom, helo }: SpfCheck): string {
  if (mailFrom === '') return `postmaster@${helo}`;
  const at = mailFrom.lastIndexOf('@');
  if (at < 0) return `postmaster@${mailFrom}`;
  return at === 0 ? `postmaster${mailFrom}` : mailFrom;
}

interface Outcome {
  readonly result: SpfResult;
  readonly reason: string;
  readonly explanation?: string;
}

/** Ends the whole evaluation, however deep it is. */
class Stop extends Error {
  readonly result: 'temperror' | 'permerror';
  constructor(result: 'temperror' | 'permerror', reason: string) {
    super(reason);
    this.result = result;
  }
}

class Evaluation {
  lookups = 0;
  voidLookups = 0;
  readonly #ip: IpAddress;
  readonly #check: SpfCheck;
  readonly #sender: string;
  #names: readonly string[] | undefined;

  constructor(ip: IpAddress, check: SpfCheck, sender: string) {
    this.#ip = ip;
    this.#check = check;
    this.#sender = sender;
  }

  *host(domain: string, explain: boolean): Asking<Outcome> {
    try {
      return yield* this.#checkHost(domain, explain);
    } catch (error) {
      if (error instanceof Stop) return { result: error.result, reason: error.message };
      throw error;
    }
  }

  *#checkHost(domain: string, explain: boolean): Asking<Outcome> {
    const record =
      isLookupName(domain) && domain.includes('.') ? yield* this.#record(domain) : undefined;
    if (record === undefined) return { result: 'none', reason: `${domain} has no SPF record` };
    for (const mechanism of record.mechanisms) {
      if (!(yield* this.#matches(mechanism, domain))) continue;
      const result = mechanism.qualifier;
      const reason = `${mechanism.text} of ${domain}`;
      if (result !== 'fail' || !explain || record.exp === undefined) return { result, reason };
      const explanation = yield* this.#explanation(record.exp, domain);
      return { result, reason, ...(explanation === undefined ? {} : { explanation }) };
    }
    if (record.redirect === undefined)
      return { result: 'neutral', reason: `nothing in the record of ${domain} matches` };
    return yield* this.#redirect(record.redirect, domain, explain);
  }

  *#record(domain: string): Asking<SpfRecord | undefined> {
    const { outcome, values } = yield* ask(domain, 'TXT');
    if (outcome === 'unknown') throw new Stop('temperror', `DNS did not answer for ${domain}`);
    const records = values.filter(isSpfRecord);
    if (records.length === 0) return undefined;
    if (records.length > 1)
      throw new Stop('permerror', `${domain} has ${records.length} SPF records`);
    try {
      return parseSpf(records[0]!);
    } catch (error) {
      throw new Stop('permerror', `${domain}: ${(error as Error).message}`);
    }
  }

  *#redirect(target: string, domain: string, explain: boolean): Asking<Outcome> {
    this.#countLookup(`redirect=${target}`);
    const name = yield* this.#target(target, domain);
    const outcome = yield* this.#checkHost(name, explain);
    if (outcome.result === 'none')
      throw new Stop('permerror', `redirect=${target}: ${outcome.reason}`);
    return outcome;
  }

  *#matches(mechanism: Mechanism, domain: string): Asking<boolean> {
    switch (mechanism.kind) {
      case 'all':
        return true;
      case 'ip4':
      case 'ip6':
        return isInNetwork(this.#ip, mechanism.network, mechanism.prefix);
      case 'include':
        return yield* this.#matchesInclude(mechanism, domain);
      case 'exists':
        return yield* this.#matchesExists(mechanism, domain);
      case 'a':
        return yield* this.#matchesA(mechanism, domain);
      case 'mx':
        return yield* this.#matchesMx(mechanism, domain);
      case 'ptr':
        return yield* this.#matchesPtr(mechanism, domain);
      default:
        return mechanism satisfies never;
    }
  }

  /** RFC 7208 §5.2: only a pass of the included record matches; none is the includer's error. */
  *#matchesInclude(
    { domain: spec, text }: Mechanism & { kind: 'include' | 'exists' },
    domain: string,
  ): Asking<boolean> {
    this.#countLookup(text);
    const { result, reason } = yield* this.#checkHost(yield* this.#target(spec, domain), false);
    if (result === 'none') throw new Stop('permerror', `${text}: ${reason}`);
    return result === 'pass';
  }

  *#matchesExists(
    { domain: spec, text }: Mechanism & { kind: 'include' | 'exists' },
    domain: string,
  ): Asking<boolean> {
    this.#countLookup(text);
    return (yield* this.#answers(yield* this.#target(spec, domain), 'A')).length > 0;
  }

  *#matchesA(mechanism: Mechanism & { kind: 'a' | 'mx' }, domain: string): Asking<boolean> {
    this.#countLookup(mechanism.text);
    return yield* this.#hasAddress(yield* this.#target(mechanism.domain, domain), mechanism);
  }

  *#matchesMx(mechanism: Mechanism & { kind: 'a' | 'mx' }, domain: string): Asking<boolean> {
    this.#countLookup(mechanism.text);
    const exchanges = yield* this.#answers(yield* this.#target(mechanism.domain, domain), 'MX');
    if (exchanges.length > MAX_NAMES)
      throw new Stop('permerror', `${mechanism.text} has more than ${MAX_NAMES} hosts`);
    for (const exchange of exchanges) {
      const host = exchange.slice(exchange.indexOf(' ') + 1);
      if (yield* this.#hasAddress(host, mechanism)) return true;
    }
    return false;
  }

  *#hasAddress(
    host: string,
    { prefix4, prefix6 }: Mechanism & { kind: 'a' | 'mx' },
  ): Asking<boolean> {
    const isIp4 = this.#ip.length === 4;
    const prefix = isIp4 ? prefix4 : prefix6;
    return (yield* this.#answers(host, isIp4 ? 'A' : 'AAAA')).some((text) => {
      const address = parseIp(text);
      return address !== undefined && isInNetwork(this.#ip, address, prefix);
    });
  }

  *#matchesPtr(
    { domain: spec, text }: Mechanism & { kind: 'ptr' },
    domain: string,
  ): Asking<boolean> {
    this.#countLookup(text);
    const target = (yield* this.#target(spec, domain)).toLowerCase();
    const names = yield* this.#validatedNames();
    return names.some((name) => name === target || name.endsWith(`.${target}`));
  }

  /** Asked for once, however many macros want it. */
  *#validatedNames(): Asking<readonly string[]> {
    this.#names ??= yield* this.#validateNames();
    return this.#names;
  }

  /** RFC 7208 §5.5: the names of the address that point back at it; errors on the way find nothing. */
  *#validateNames(): Asking<string[]> {
    const reversed = `${dottedIp(this.#ip).split('.').toReversed().join('.')}.${this.#ipZone()}.arpa`;
    const { values } = yield* ask(reversed, 'PTR');
    const validated: string[] = [];
    for (const value of values.slice(0, MAX_NAMES)) {
      const name = value.toLowerCase().replace(/\.$/, '');
      const { values: addresses } = yield* ask(name, this.#ip.length === 4 ? 'A' : 'AAAA');
      if (addresses.some((text) => this.#isClient(parseIp(text)))) validated.push(name);
    }
    return validated;
  }

  #isClient(address: IpAddress | undefined): boolean {
    return address !== undefined && formatIp(address) === formatIp(this.#ip);
  }

  #ipZone(): 'in-addr' | 'ip6' {
    return this.#ip.length === 4 ? 'in-addr' : 'ip6';
  }

  #countLookup(term: string): void {
    this.lookups += 1;
    if (this.lookups > MAX_LOOKUPS) {
      throw new Stop(
        'permerror',
        `${term} is one more than the ${MAX_LOOKUPS} terms that may cause DNS lookups`,
      );
    }
  }

  /** The answers of one lookup; one without any is void, and counted. */
  *#answers(name: string, type: 'A' | 'AAAA' | 'MX'): Asking<readonly string[]> {
    if (!isLookupName(name)) return [];
    const { outcome, values } = yield* ask(name, type);
    if (outcome === 'unknown') throw new Stop('temperror', `DNS did not answer for ${name}`);
    if (values.length > 0) return values;
    this.voidLookups += 1;
    if (this.voidLookups > MAX_VOID_LOOKUPS) {
      throw new Stop(
        'permerror',
        `${name} is the DNS lookup that finds nothing for the ${this.voidLookups}rd time`,
      );
    }
    return [];
  }

  /** The target name of a term: its domain spec expanded, at most 253 octets by whole labels from the left. */
  *#target(spec: string | undefined, domain: string): Asking<string> {
    if (spec === undefined) return domain;
    let name = (yield* this.#expanded(spec, domain)).replace(/\.$/, '');
    while (name.length > 253) {
      const dot = name.indexOf('.');
      if (dot < 0) break;
      name = name.slice(dot + 1);
    }
    return name;
  }

  /** RFC 7208 §6.2: after any error, there is just no explanation. */
  *#explanation(spec: string, domain: string): Asking<string | undefined> {
    const name = yield* this.#target(spec, domain);
    if (!isLookupName(name)) return undefined;
    const { values } = yield* ask(name, 'TXT');
    const [text, ...more] = values;
    if (text === undefined || more.length > 0 || text.length > MAX_RECORD_LENGTH) return undefined;
    if (!text.split(' ').every(isMacroString)) return undefined;
    const explanation = yield* this.#expanded(text, domain);
    return /^[\x20-\x7e]*$/.test(explanation) ? explanation : undefined;
  }

  *#expanded(text: string, domain: string): Asking<string> {
    const validatedName = wantsValidatedName(text) ? yield* this.#validatedName(domain) : 'unknown';
    return expandMacros(text, {
      sender: this.#sender,
      domain,
      dottedIp: dottedIp(this.#ip),
      readableIp: formatIp(this.#ip),
      ipZone: this.#ipZone(),
      helo: this.#check.helo,
      receiver: this.#check.receiver,
      epochSeconds: this.#check.epochSeconds,
      validatedName,
    });
  }

  /** The value of the macro `p` (RFC 7208 §7.3). */
  *#validatedName(domain: string): Asking<string> {
    const names = yield* this.#validatedNames();
    const own =
      names.find((name) => name === domain) ?? names.find((name) => name.endsWith(`.${domain}`));
    return own ?? names[0] ?? 'unknown';
  }
}

/** Returns true if DNS can be queried for a name: labels of 1 to 63 octets, 253 in all. */
function isLookupName(name: string): boolean {
  return (
    name.length <= 253 &&
    name
      .replace(/\.$/, '')
      .split('.')
      .every((label) => label.length >= 1 && label.length <= 63)
  );
}
