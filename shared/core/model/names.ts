import { domainToASCII, domainToUnicode } from 'node:url';
import { Refusal } from './errors.ts';

declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** A domain name in A-labels, lower case, without a trailing dot: `xn--bcher-kva.example`. */
export type DomainName = Brand<string, 'DomainName'>;
/** 128 random bits as 26 characters of lower-case base32; one per claim, never reused. */
export type Label = Brand<string, 'Label'>;
/** A DKIM selector, one DNS label: `zero`. */
export type Selector = Brand<string, 'Selector'>;
/** A customer account's id: `t_` and 26 characters of lower-case base32. */
export type TenantId = Brand<string, 'TenantId'>;
/** The id of one DKIM key for life: `k_` and 26 characters of lower-case base32. */
export type KeyId = Brand<string, 'KeyId'>;
/** The id of one submitted mail: `m_` and 26 characters of lower-case base32. */
export type MessageId = Brand<string, 'MessageId'>;
/** The id of one upload: `u_` and 26 characters of lower-case base32. */
export type UploadId = Brand<string, 'UploadId'>;
/** The id of a platform, which makes and runs tenants: `p_` and 26 characters of lower-case base32. */
export type PlatformId = Brand<string, 'PlatformId'>;
/** The id of a person who runs DNS: `ct_` and 26 characters of lower-case base32. */
export type ContactId = Brand<string, 'ContactId'>;
/** The name of a hosted zone that claims live in: `s1.<zone>`. */
export type ShardName = Brand<string, 'ShardName'>;

const MAX_INPUT = 1024;
const ldhLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Normalises what a person typed as a domain: case, one trailing dot, IDNA to A-labels (UTS 46).
 *
 * @param input as received; refused unread above 1,024 characters
 * @throws Refusal `domain-invalid` with the reason and what to type instead
 */
export function parseDomainName(input: string): DomainName {
  if (input.length > MAX_INPUT) {
    throw invalid(input, 'it is longer than a domain name can be (253 characters)');
  }
  const typed = input.trim();
  if (typed === '') throw invalid(input, 'it is empty');
  if (typed.includes('@'))
    throw invalid(typed, 'it is an email address; give only the part after the @');
  if (/[/:?#\\]/.test(typed))
    throw invalid(typed, 'it is a URL or has a port; give only the host name');
  if (/[\s\0%_*]/.test(typed))
    throw invalid(typed, 'it has a character that a sender domain cannot have');
  const ascii = domainToASCII(typed.replace(/[.\u3002\uff0e\uff61]$/, ''));
  if (ascii === '') throw invalid(typed, 'it is not a domain name (IDNA does not allow it)');
  if (/^[\d.]+$/.test(ascii)) throw invalid(typed, 'it is an IP address');
  if (ascii.length > 253) throw invalid(typed, 'it is longer than 253 characters');
  const labels = ascii.split('.');
  if (labels.length < 2)
    throw invalid(typed, 'it has only one label; give the full name, as in example.com');
  for (const label of labels) {
    if (label === '') throw invalid(typed, 'it has an empty label (two dots in a row)');
    if (!ldhLabel.test(label)) {
      throw invalid(typed, `the label "${label}" is not 1 to 63 letters, digits and inner hyphens`);
    }
    if (label.startsWith('xn--') && !isALabel(label)) {
      throw invalid(typed, `the label "${label}" is not the encoding of any international name`);
    }
  }
  return ascii as DomainName;
}

/**
 * Returns true if an `xn--` label decodes to a form that encodes back to it (RFC 5890 §2.3.2.1).
 */
function isALabel(label: string): boolean {
  const unicode = domainToUnicode(label);
  return unicode !== label && domainToASCII(unicode) === label;
}

/** Quotes a name as it was typed for a message: short, and without characters that would garble it. */
export function quoted(input: string): string {
  const printable = input.replace(/\p{C}/gu, '\ufffd');
  return printable.length > 80 ? `"${printable.slice(0, 80)}..."` : `"${printable}"`;
}

function invalid(input: string, why: string): Refusal {
  return new Refusal('domain-invalid', `${quoted(input)} cannot be used as a domain: ${why}.`);
}

/** Returns true if `name` is `ancestor` or below it, by whole labels. */
export function isAtOrBelow(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}

/** The names above `name` that have two labels or more, nearest first. */
export function namesAbove(name: DomainName): DomainName[] {
  const labels = name.split('.');
  return labels.slice(2).map((_, index) => labels.slice(index + 1).join('.') as DomainName);
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Encodes bytes as lower-case base32 (RFC 4648 §6 alphabet, no padding). */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + base32[(value << (5 - bits)) & 31];
}

/**
 * Encodes 16 random bytes as 26 lower-case base32 characters.
 *
 * @throws RangeError when not given exactly 16 bytes
 */
export function encodeRandom128(bytes: Uint8Array): string {
  if (bytes.length !== 16)
    throw new RangeError(`128 random bits are 16 bytes, not ${bytes.length}`);
  return encodeBase32(bytes);
}

export const labelOf = (random: Uint8Array): Label => encodeRandom128(random) as Label;
/** Returns true if a text has the form of a tenant's id. */
export const isTenantId = (text: string): text is TenantId => /^t_[a-z2-7]{26}$/.test(text);
export const tenantIdOf = (random: Uint8Array): TenantId =>
  `t_${encodeRandom128(random)}` as TenantId;
/** Returns true if a text has the form of a platform's id. */
export const isPlatformId = (text: string): text is PlatformId => /^p_[a-z2-7]{26}$/.test(text);
export const platformIdOf = (random: Uint8Array): PlatformId =>
  `p_${encodeRandom128(random)}` as PlatformId;
export const keyIdOf = (random: Uint8Array): KeyId => `k_${encodeRandom128(random)}` as KeyId;
export const messageIdOf = (random: Uint8Array): MessageId =>
  `m_${encodeRandom128(random)}` as MessageId;

export const uploadIdOf = (random: Uint8Array): UploadId =>
  `u_${encodeRandom128(random)}` as UploadId;

/** Returns true if a text has the form of an upload's id, which may not exist. */
export const isUploadId = (text: string): text is UploadId => /^u_[a-z2-7]{26}$/.test(text);

/** Returns true if a text has the form of a message id, which may not exist. */
export function isMessageId(text: string): text is MessageId {
  return /^m_[a-z2-7]{26}$/.test(text);
}

/** The label in a name that points into one of our zones, or undefined: `<slot>._domainkey.<label>.<shard>`. */
export function isLabel(text: string): text is Label {
  return /^[a-z2-7]{26}$/.test(text);
}
