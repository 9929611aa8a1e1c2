import { isDisposition, isDmarcRecord } from '../../../dmarc/record.ts';
import { plainText, strangeCharacters } from '../../plain-text.ts';

const word = '(?:dmarc|dmark|dmrac|damrc|darmc|dmar)';
const version = new RegExp(`^(?:v\\s*[=:-]?\\s*)?${word}\\s*[\\dli]?[\\s;,:./|-]*`, 'i');
const begins = new RegExp(`^v\\s*[=:-]?\\s*${word}`, 'i');
/** The version of another kind of record, or none, before what only DMARC has. */
const policyFirst = /^(?:v\s*=\s*\w+\s*[;,]\s*)?(?=p\s*[=:]\s*(?:none|quarantine|reject)\b)/i;
const tags = 'p|sp|np|rua|ruf|adkim|aspf|fo|pct|rf|ri|t|psd';
export const knownTags: ReadonlySet<string> = new Set(tags.split('|'));
const tag = new RegExp(`(^|[\\s,;|])\\s*(${tags})\\s*[=:]\\s*`, 'gi');
/** Tags that people spell out, misspell, or write without a sign. */
const misspelled: readonly (readonly [RegExp, string])[] = [
  [/(^|[\s,;|])policy\s*[=:]/gi, '$1p='],
  [/(^|[\s,;|])(?:ra|ura|rau)\s*[=:]\s*(?=mailto)/gi, '$1rua='],
  [/(^|[,;|])\s*(p|sp|np)\s+(?=(?:none|quarantine|reject)\b)/gi, '$1 $2='],
  [/(^|[\s,;|])(rua|ruf)\s+(?=mailto)/gi, '$1$2='],
];

/** Far above what anybody publishes; bounds the work on hostile texts. */
const LONGEST = 4_096;

/** Returns true if a text can only have been meant as a DMARC record, whether receivers read it or not. */
export function resemblesDmarc(text: string): boolean {
  if (isDmarcRecord(text)) return true;
  if (text.length > LONGEST) return false;
  const plain = plainText(text);
  if (begins.test(plain) || policyFirst.test(plain)) return true;
  return version.test(plain) && /\bp\s*[=:]/i.test(plain);
}

/**
 * Returns the DMARC record that a text was meant to be, every report address kept (RFC 9989 §4.7).
 * A request that is no policy is left out.
 *
 * @returns undefined where it has no reading, or more than one
 */
export function dmarcReading(text: string): string | undefined {
  const plain = text.length > LONGEST ? '' : plainText(text);
  if (!resemblesDmarc(plain)) return undefined;
  const spelled = misspelled.reduce(
    (whole, [pattern, by]) => whole.replaceAll(pattern, by),
    plain.replace(version.test(plain) ? version : policyFirst, ''),
  );
  const parts = spelled
    .replace(/\s#.*$/, '')
    .replaceAll(tag, (_, _before: string, name: string) => `;${name.toLowerCase()}=`)
    .split(';')
    .map((part) => part.trim().replace(/[,|]$/, '').trim())
    .filter((part) => part !== '' && !/^v\s*=\s*dmarc1$/i.test(part));
  const values = new Map<string, string>();
  let last: string | undefined;
  for (const part of parts) {
    const equals = new RegExp(`^(${tags})=(.*)$`).exec(part);
    if (equals === null) {
      // A list of addresses that a semicolon divides, or one without its tag.
      const list: string = last === 'rua' || last === 'ruf' ? last : 'rua';
      if (list !== last && !/^mailto:\S+@/i.test(part)) return undefined;
      add(values, list, part);
      continue;
    }
    last = equals[1]!;
    const value = equals[2]!.trim();
    const isList = last === 'rua' || last === 'ruf';
    if (!isList && values.has(last) && values.get(last) !== value) return undefined;
    if (isList) add(values, last, value);
    else values.set(last, value);
  }
  const kept = [...values].flatMap(([name, value]) => {
    const meant = valueOf(name, value);
    return meant === undefined ? [] : [[name, meant] as const];
  });
  const policies = new Map(kept);
  const first = ['p', policies.get('p') ?? 'none'] as const;
  const rest = kept.filter(([name]) => name !== 'p');
  return ['v=DMARC1', ...[first, ...rest].map(([name, value]) => `${name}=${value}`)].join('; ');
}

const add = (values: Map<string, string>, name: string, value: string): void =>
  void values.set(name, [values.get(name) ?? [], value].flat().join(','));

function valueOf(name: string, value: string): string | undefined {
  switch (name) {
    case 'p':
    case 'sp':
    case 'np':
      return isDisposition(value.toLowerCase()) ? value.toLowerCase() : undefined;
    case 'rua':
    case 'ruf':
      return addresses(value);
    case 'pct':
      return value.replace(/ ?%$/, '');
    default:
      return value;
  }
}

/** `mailto:` as people write it, twice too. */
const scheme = /^(?:mail(?:to)?[:=]+\/{0,2}|mailto(?:\/\/|\s+))+(?=.*@)/i;

/** The addresses as URIs; undefined where there is none. */
function addresses(value: string): string | undefined {
  const uris = value
    .replaceAll(/[<>]/g, '')
    .replaceAll(/([^\s,:])(?=mailto:)/gi, '$1,')
    .split(/[\s,]+(?=\S)/)
    .map((one) => one.replace(scheme, '').replace(/\.$/, '').trim())
    .filter((one) => one !== '' && !/^mailto:?$/i.test(one))
    .map((one) => (/^[a-z][a-z0-9+.-]*:/i.test(one) ? one : `mailto:${one}`));
  return uris.length === 0 ? undefined : uris.join(',');
}

/** Names what receivers cannot read in a text that was meant as DMARC, for a sentence. */
export function whyUnreadable(text: string): string {
  const plain = plainText(text);
  const faults = [
    ...strangeCharacters(text),
    ...(/^v\s*=\s*DMARC1\b/.test(plain) || !/^v\s*=\s*dmarc1/i.test(plain)
      ? []
      : ['"DMARC1" not in capitals']),
    ...(/^v\s*=\s*DMARC1\s*,/i.test(plain) ? ['a comma where a semicolon belongs'] : []),
    ...(/^v\s*=\s*DMARC1\s+[a-z]/i.test(plain) ? ['no semicolon after "v=DMARC1"'] : []),
  ];
  if (faults.length > 0) return faults.join(', ');
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text)
    ? 'a tag that is not valid'
    : 'another beginning than "v=DMARC1;"';
}
