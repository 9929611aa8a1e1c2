import { shownKey, type RingKey } from '../../../model/key-ring.ts';
import type { Lookup } from '../../../model/lookup.ts';
import { publicKeyIn, showsKey } from '../../key-text.ts';
import type { PublishedRecord } from '../../kind.ts';
import { pointsHere } from '../../cname-target.ts';
import { withoutPastedArtefacts } from '../../pasted-artefacts.ts';
import { hostedNameOf, type OwnKeys, type Setting } from '../../setting.ts';
import { missing, ok, seenIn, warning, wrong, type Verdict } from '../../verdict.ts';
import type { DkimCode } from './codes.ts';

/**
 * Judges a TXT record of the customer's own by the key that its slot is to show, from one server's
 * answer.
 *
 * @param keys the claim's
 */
export function judgeOwnKey(
  record: PublishedRecord,
  lookup: Lookup,
  setting: Pick<Setting, 'domain' | 'hostedName'>,
  keys: OwnKeys,
): Verdict<DkimCode> {
  const { name, value = '' } = record;
  const slot = keys.ring.find(({ selector }) => name.startsWith(`${selector}._domainkey.`));
  const change = `Change the TXT record named ${name} to: ${value}`;
  const [target] = lookup.cnames;
  if (target === hostedNameOf(name, setting)) return pointsHere(target);
  if (target !== undefined) {
    return wrong(
      'other-provider',
      [target],
      `${name} is a CNAME record that points elsewhere, to ${target}. Replace it by a TXT record with the value: ${value}`,
    );
  }
  const { values } = lookup;
  const [text, ...more] = values;
  if (text === undefined) {
    return missing(
      `There is no record at ${name}. Create a TXT record there with the value: ${value}`,
    );
  }
  if (slot === undefined) return wrong('other-value', values, change);
  if (more.length > 0) {
    return wrong(
      'key-several',
      values,
      `There are ${values.length} TXT records at ${name}, and receivers then find no key. Keep one, with the value: ${value}`,
    );
  }
  if (isShown(text, shownKey(slot), value)) return ok(values);
  return ownBefore(text, slot, name, change) ?? mistaken(text, { name, value }, lookup, keys);
}

const isShown = (text: string, key: RingKey, value: string): boolean =>
  key.state === 'revoked' ? text === value : showsKey(text, key);

/** The key that the slot had before the one that it is to show now. */
function ownBefore(
  text: string,
  slot: RingKey,
  name: string,
  change: string,
): Verdict<DkimCode> | undefined {
  if (publicKeyIn(text) !== slot.publicKey) return undefined;
  if (slot.state === 'revoked') {
    return wrong(
      'compromised-key',
      [text],
      `The key at ${name} is compromised: whoever has it can sign as your domain for as long as its record is there. ${change}`,
    );
  }
  if (slot.prepared === undefined) {
    return wrong(
      'other-value',
      [text],
      `The key at ${name} is right, but what is beside it keeps receivers from using it. ${change}`,
    );
  }
  return warning(
    'stale-key',
    [text],
    `A new key is prepared for ${name}. ${change} Until that is seen nothing changes: the present key goes on signing.`,
  );
}

/** A record that shows none of the keys that its slot may show. */
function mistaken(
  text: string,
  { name, value }: { readonly name: string; readonly value: string },
  lookup: Lookup,
  { ring, past }: OwnKeys,
): Verdict<DkimCode> {
  const seen = seenIn(lookup);
  const change = `Change it to: ${value}`;
  const [shown, wanted] = [publicKeyIn(text), publicKeyIn(value)];
  const bare = withoutPastedArtefacts(text);
  if (wanted !== '' && publicKeyIn(bare.replaceAll(/["\s]/g, '')) === wanted) {
    return wrong(
      'form-residue',
      seen,
      `The TXT record at ${name} has more in it than the value, such as quotes or spaces. ${change}`,
    );
  }
  // A form cuts off the end: at 255 characters, where a string of TXT must end.
  if (shown.length > 20 && wanted.length > shown.length && wanted.startsWith(shown)) {
    return wrong(
      'key-truncated',
      seen,
      `The key at ${name} is cut off after ${text.length} characters. A string in a TXT record has at most 255: enter the value whole where your DNS provider splits it, or else as two strings in one record. ${change}`,
    );
  }
  if (past.has(shown)) {
    return wrong(
      'stale-key',
      seen,
      `The key at ${name} is one that this domain does not use any more. ${change}`,
    );
  }
  if (
    ring.some((key) => shown !== '' && [key.publicKey, key.prepared?.publicKey].includes(shown))
  ) {
    return wrong(
      'other-slot',
      seen,
      `The TXT record at ${name} shows another of your keys. ${change}`,
    );
  }
  if (shown !== '') {
    return wrong(
      'other-provider',
      seen,
      `There is a key at ${name} that is not ours, such as another provider's. ${change}`,
    );
  }
  return wrong('other-value', seen, `The TXT record at ${name} shows no key. ${change}`);
}
