import { expect, test } from 'vitest';
import { foldNames } from '#shared/core/dkim/signature-field.ts';

/** `h=` and 73 octets are 76, the longest line. */
const first = 'a'.repeat(40);
const second = (length: number) => 'b'.repeat(length);

test('a line is filled to its last octet, and no further', () => {
  expect(foldNames([first, second(32)])).toBe(`${first}:${second(32)}`);
  expect(foldNames([first, second(33)])).toBe(`${first}:\r\n ${second(33)}`);
});

test('a name that fits on no line has one of its own', () => {
  expect(foldNames(['from', second(90), 'to'])).toBe(`from:\r\n ${second(90)}:\r\n to`);
});
