import { expect, test } from 'vitest';
import { digest128, sha256Hex } from '#shared/core/digest.ts';

test('the SHA-256 of a text is that of its octets (FIPS 180-2, appendix B.1)', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect([sha256Hex('abc'), sha256Hex(Buffer.from('abc'))]).toEqual([abc, abc]);
});

test('128 bits begin the digest of both texts on a line each', () => {
  expect(Buffer.from(digest128('a', 'b')).toString('hex')).toBe(sha256Hex('a\nb').slice(0, 32));
  expect(digest128('a', 'b')).not.toEqual(digest128('ab', ''));
});
