import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeaderEnd } from '../../../smtp/header-end.ts';

const find = (pieces: readonly Buffer[]): number | undefined => {
  const end = new HeaderEnd();
  for (const piece of pieces) {
    const found = end.add(piece);
    if (found !== undefined) return found;
  }
  return undefined;
};

it.each([
  ['A: b\r\n\r\nbody', 8],
  ['A: b\n\nbody', 6],
  ['A: b\r\n\nbody', 7],
  ['\r\nbody', 2],
  ['A: b\r\n c\r\n', undefined],
  ['A: b\r\n\rc\r\n\r\n', 12],
])('%j ends after %s octets', (mail, octets) => {
  expect(find([Buffer.from(mail)])).toBe(octets);
});

it('is found at the same place however the mail is cut', () => {
  const octets = fc.array(fc.constantFrom('a', ':', ' ', '\r', '\n'), { maxLength: 30 });
  fc.assert(
    fc.property(octets, fc.array(fc.nat(30), { maxLength: 5 }), (characters, cuts) => {
      const mail = Buffer.from(characters.join(''));
      const places = [0, ...cuts.map((cut) => Math.min(cut, mail.length)), mail.length].toSorted(
        (a, b) => a - b,
      );
      const pieces = places.slice(1).map((to, index) => mail.subarray(places[index], to));
      expect(find(pieces)).toBe(find([mail]));
    }),
  );
});
