import { parseName } from '../dns/records.ts';

/**
 * Reads a name as Route 53's API takes it: octal escapes (`\052` is an asterisk), with or without the
 * final dot, in any case. The result is canonical: lower case, unescaped, no final dot.
 * @throws RecordSyntaxError
 */
export const readDnsName = (text: string): string =>
  parseName(
    text.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    ),
  );

/** Writes a canonical name as Route 53 answers with it: everything but a-z, 0-9, `-`, `_` and `.` in octal. */
export const writeDnsName = (name: string): string =>
  `${name.replaceAll(/[^a-z0-9._-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)}.`;

/** The key that lists are ordered by: the labels in reverse, compared as ASCII. */
export const listOrder = (name: string): string =>
  writeDnsName(name).slice(0, -1).split('.').toReversed().join('.');
