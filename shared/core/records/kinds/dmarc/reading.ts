import { isDisposition, isDmarcRecord } from '../../../dmarc/record.ts';
import { plainText, strangeCharacters } from '../../plain-text.ts';

const version = /^(?:v\s*[=:]?\s*)?dmarc\s*1?\s*(?:[;,]\s*)?/i;
const tags = 'p|sp|np|rua|ruf|adkim|aspf|fo|pct|rf|ri|t|psd';
const tag = new RegExp(`(^|[\\s,;])\\s*(${tags})\\s*[=:]\\s*`, 'gi');

/** Far above what anybody publishes; bounds the work on hostile texts. */
const LONGEST = 4_096;

/** Returns true if a text can only have been meant as a DMARC record, whether receivers read it or not. */
export function resemblesDmarc(text: string): boolean {
  if (isDmarcRecord(text)) return true;
  if (text.length > LONGEST) return false;
  const plain = plainText(text);
  return /^v\s*[=:]?\s*dmarc/i.test(plain) || (version.test(plain) && /\bp\s*[=:]/i.test(plain));
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
  const parts = plain
    .replace(version, '')
    .replaceAll(tag, (_, _before: string, name: string) => `;${name.toLowerCase()}=`)
    .split(';')
    .map((part) => part.trim().replace(/,$/, ''))
    .filter((part) => part !== '');
  const values = new Map<string, string>();
  let last: string | undefined;
  for (const part of parts) {
    const equals = new RegExp(`^(${tags})=(.*)$`).exec(part);
    if (equals === null) {
      // A list of addresses that a semicolon divides.
      if (last !== 'rua' && last !== 'ruf') return undefined;
      values.set(last, `${values.get(last)},${part}`);
      continue;
    }
    last = equals[1]!;
    if (values.has(last)) return undefined;
    values.set(last, equals[2]!.trim());
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

function valueOf(name: string, value: string): string | undefined {
  switch (name) {
    case 'p':
    case 'sp':
    case 'np':
      return isDisposition(value.toLowerCase()) ? value.toLowerCase() : undefined;
    case 'rua':
    case 'ruf':
      return addresses(value);
    default:
      return value;
  }
}

/** The addresses as URIs; undefined where there is none. */
function addresses(value: string): string | undefined {
  const uris = value
    .replaceAll(/([^\s,])(?=mailto:)/gi, '$1,')
    .split(/[\s,]+(?=\S)/)
    .map((one) => one.replace(/^mailto\s*[:=]?\s*(?=.*@)/i, '').trim())
    .filter((one) => one !== '' && !/^mailto:?$/i.test(one))
    .map((one) => (/^[a-z][a-z0-9+.-]*:/i.test(one) ? one : `mailto:${one}`));
  return uris.length === 0 ? undefined : uris.join(',');
}

/** Names what receivers cannot read in a text that was meant as DMARC, for a sentence. */
export function whyUnreadable(text: string): string {
  const plain = plainText(text);
  const begins = /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/;
  const faults = [
    ...strangeCharacters(text),
    ...(/^v\s*=\s*DMARC1\b/.test(plain) || !/^v\s*=\s*dmarc1/i.test(plain)
      ? []
      : ['"DMARC1" not in capitals']),
    ...(/^v\s*=\s*DMARC1\s*,/i.test(plain) ? ['a comma where a semicolon belongs'] : []),
    ...(/^v\s*=\s*DMARC1\s+[a-z]/i.test(plain) ? ['no semicolon after "v=DMARC1"'] : []),
  ];
  if (faults.length > 0) return faults.join(', ');
  return begins.test(text) ? 'a tag that is not valid' : 'another beginning than "v=DMARC1;"';
}
