import { domainToUnicode } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorOf, senderOf } from '#shared/core/mail/from.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';

function header(...lines: string[]) {
  return parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)).header;
}

const authorIn = (value: string) => authorOf(header('Subject: x', `From: ${value}`));

describe('From names the one domain of its author', () => {
  test.each([
    ['a bare address', 'a@b.example', 'a@b.example'],
    ['an angle address', '<a@b.example>', 'a@b.example'],
    ['a display name', 'Alice <a@b.example>', 'a@b.example'],
    ['a display name with dots', 'John Q. Public <a@b.example>', 'a@b.example'],
    ['a quoted display name', '"Alice" <a@b.example>', 'a@b.example'],
    [
      "an attacker's address in the display name",
      '"a@bank.example" <x@evil.example>',
      'x@evil.example',
    ],
    ['specials in quotes', '"a@b, <c>; (d): e" <x@y.example>', 'x@y.example'],
    [
      'quotes and backslashes in quotes',
      String.raw`"a \" <b@c.example> \\" <x@y.example>`,
      'x@y.example',
    ],
    ['an encoded word', '=?utf-8?q?a=40bank.example?= <x@evil.example>', 'x@evil.example'],
    ['an encoded word in base64', '=?UTF-8?B?R3LDvMOfZQ==?= <x@y.example>', 'x@y.example'],
    ['UTF-8 in the display name', 'Müller <x@y.example>', 'x@y.example'],
    ['a comment after', 'x@y.example (Alice)', 'x@y.example'],
    ['a comment before', '(Alice) x@y.example', 'x@y.example'],
    ['nested comments', '(a (b (c) d\\)) e) x@y.example', 'x@y.example'],
    ['a comment between name and address', 'Alice (the first) <x@y.example>', 'x@y.example'],
    ['white space in the brackets', '< x@y.example >', 'x@y.example'],
    ['no white space', 'Alice<x@y.example>', 'x@y.example'],
    ['white space around', ' \t a@b.example \t', 'a@b.example'],
    ['a fold right after the colon', '\r\n a@b.example', 'a@b.example'],
    ['folds anywhere', 'Alice\r\n\tand\r\n  <\r\n a@b.example\r\n >', 'a@b.example'],
    ['a fold of white space only', 'a@b.example\r\n ', 'a@b.example'],
    ['upper case', 'A.B@MAIL.Example', 'A.B@mail.example'],
    ['a U-label', 'a@bücher.example', 'a@xn--bcher-kva.example'],
    ['an A-label', 'a@XN--bcher-kva.example', 'a@xn--bcher-kva.example'],
    ['an IDN in Cyrillic', 'a@пример.example', 'a@xn--e1afmkfd.example'],
    ['a quoted local part', '"a b"@c.example', '"a b"@c.example'],
    ['its address as the display name', 'x@y.example <x@y.example>', 'x@y.example'],
    ['another address of its domain as name', 'Al a@y.example (b) <x@Y.example>', 'x@y.example'],
    [
      'an address of its domain in a comment',
      'x@y.example (write to <a@y.example>.)',
      'x@y.example',
    ],
    ['a sentence with one in a comment', 'x@y.example (or a@y.example.)', 'x@y.example'],
    ['an empty element first', ', x@y.example', 'x@y.example'],
    ['an empty element last', 'A <x@y.example>,', 'x@y.example'],
    ['empty elements around', ',, x@y.example , ,', 'x@y.example'],
    ['each sign of an atom', "!#$%&'*+-/=?^_`{|}~@b.example", "!#$%&'*+-/=?^_`{|}~@b.example"],
  ])('with %s', (_title, value, address) => {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    expect(authorIn(value)).toEqual({ ok: true, domain, addresses: [address] });
  });

  test('with several mailboxes of one domain', () => {
    expect(authorIn('a@b.example, "C, D" <c@B.example>')).toEqual({
      ok: true,
      domain: 'b.example',
      addresses: ['a@b.example', 'c@b.example'],
    });
  });
});

describe('From is refused', () => {
  test.each([
    [
      'mailboxes of different domains',
      'a@b.example, c@d.example',
      'several-domains',
      'b.example and d.example',
    ],
    ['a domain and one below it', 'a@b.example, c@d.b.example', 'several-domains', 'one domain'],
    ['a group', 'Team: a@b.example, c@b.example;', 'group', 'group'],
    ['an empty group', 'undisclosed-recipients:;', 'group', 'group'],
    ['two angle addresses', '<a@b.example> <c@d.example>', 'unreadable', '"<" follows'],
    [
      'an address before the angle address',
      'a@bank.example <x@evil.example>',
      'unreadable',
      '"@bank.example" stands in a comment or a display name',
    ],
    ['an address of a domain above as name', 'a@example <x@b.example>', 'unreadable', '"@example"'],
    [
      'one that goes on behind a space',
      'a@b.example .c <x@b.example>',
      'unreadable',
      'display name',
    ],
    [
      'one that goes on behind an @',
      'a@b.example@c.example <x@b.example>',
      'unreadable',
      '@c.example',
    ],
    ['one with nothing behind the @', 'me @ home <x@b.example>', 'unreadable', '"@" stands'],
    [
      'an address after the angle address',
      '<x@evil.example> a@bank.example',
      'unreadable',
      '"a" follows',
    ],
    [
      'an address in a comment',
      'x@evil.example (a@bank.example)',
      'unreadable',
      '"@bank.example" stands in a comment',
    ],
    ['a bracket in a comment', '(<) x@evil.example', 'unreadable', 'comment'],
    ['a comment inside the address', 'x(c)@evil.example', 'unreadable', 'inside an address'],
    ['a comment after the @', 'x@(c)evil.example', 'unreadable', 'inside an address'],
    ['a comment at the start of the brackets', '<(c)x@evil.example>', 'unreadable', 'inside of'],
    ['a comment at the end of the brackets', '<x@evil.example(c)>', 'unreadable', 'inside of'],
    ['white space before the @', 'x @evil.example', 'unreadable', 'inside an address'],
    ['white space around a dot', 'x@evil . example', 'unreadable', 'inside an address'],
    ['a route', '<@bank.example:x@evil.example>', 'unreadable', 'before the "@"'],
    ['two @', 'a@bank.example@evil.example', 'unreadable', '"@" follows'],
    [
      'a quoted @ in the local part',
      '"a@bank.example"@evil.example',
      'unreadable',
      'before the "@"',
    ],
    [
      'a quoted backslash in the local part',
      String.raw`"a\"b"@evil.example`,
      'unreadable',
      'before the "@"',
    ],
    ['an empty quoted local part', '""@evil.example', 'unreadable', 'before the "@"'],
    [
      'quoted and plain words in the local part',
      '"a".b@evil.example',
      'unreadable',
      'before the "@"',
    ],
    ['an encoded word as local part', '=?utf-8?q?x?=@evil.example', 'unreadable', 'encoded word'],
    ['an encoded word as domain', 'x@=?utf-8?q?evil?=.example', 'unreadable', 'encoded word'],
    ['a non-ASCII local part', 'ü@b.example', 'unreadable', 'not ASCII'],
    ['a dot at the end of the domain', 'a@b.example.', 'unreadable', 'after the "@"'],
    ['two dots in the domain', 'a@b..example', 'unreadable', 'after the "@"'],
    ['a dot at the start of the local part', '.a@b.example', 'unreadable', 'before the "@"'],
    ['a domain literal', 'a@[192.0.2.1]', 'unreadable', '"["'],
    ['an IPv4 address', 'a@192.0.2.1', 'unreadable', 'IP address'],
    ['a single label', 'a@localhost', 'unreadable', 'one label'],
    ['an underscore in the domain', 'a@b_c.example', 'unreadable', 'character'],
    [
      'a full stop of another script',
      'a@evil。example',
      'unreadable',
      'not written as IDNA has it',
    ],
    ['full-width letters', 'a@ｅvil.example', 'unreadable', 'not written as IDNA has it'],
    [
      'a zero-width space in the domain',
      'a@ev\u200bil.example',
      'unreadable',
      'not written as IDNA has it',
    ],
    ['a quoted domain', 'a@"b.example"', 'unreadable', 'after the "@"'],
    ['the null address', '<>', 'unreadable', 'no address'],
    ['no address', 'Alice', 'unreadable', 'no "@"'],
    [
      'an unquoted comma in the name',
      'Doe, Jane <x@y.example>',
      'unreadable',
      '"Doe" is no address',
    ],
    ['brackets in the name', '[List] <x@y.example>', 'unreadable', '"["'],
    ['nothing', '', 'unreadable', 'no address'],
    ['white space only', ' \r\n ', 'unreadable', 'no address'],
    ['an unclosed quote', '"Alice <x@y.example>', 'unreadable', 'not closed'],
    ['an unclosed quote after a backslash', '"Alice\\', 'unreadable', 'not closed'],
    ['an unclosed comment', '(Alice <x@y.example>', 'unreadable', 'not closed'],
    ['an unclosed comment after a backslash', '(Alice\\', 'unreadable', 'not closed'],
    ['a closing comment alone', 'Alice) <x@y.example>', 'unreadable', '")"'],
    ['an unclosed bracket', '<x@y.example', 'unreadable', 'not closed by ">"'],
    ['a comma in the brackets', '<x@y.example, z@y.example>', 'unreadable', 'not closed by ">"'],
    ['a backslash outside of quotes', 'a\\b@c.example', 'unreadable', '\\\\'],
    ['empty elements only', ' , ,', 'unreadable', 'no address'],
    [
      'the whole field as an encoded word',
      '=?utf-8?b?QW5uIDxhbm5AZXhhbXBsZS5jb20+?=',
      'unreadable',
      'encoded the whole field, and must encode the display name only',
    ],
    ['a semicolon', 'a@b.example; c@b.example', 'unreadable', '";" follows'],
    ['a group without a name', ':a@b.example;', 'unreadable', 'no name'],
    ['an unclosed group', 'Team: a@b.example', 'unreadable', 'not closed by ";"'],
    ['a group in a group', 'A: B: a@b.example;;', 'unreadable', 'no "@"'],
    ['a NUL', 'a@b.example\0', 'unreadable', 'control character'],
    ['a bare CR', 'a@b.example\r<x@y.example>', 'unreadable', 'control character'],
    ['a C1 control character', '"\u0085" <a@b.example>', 'unreadable', 'control character'],
    ['a NBSP at the edge', '\u00a0a@b.example', 'unreadable', '\u00a0'],
  ])('with %s', (_title, value, code, detail) => {
    expect(authorIn(value)).toEqual({
      ok: false,
      refusal: { code, detail: expect.stringContaining(detail) as string },
    });
  });

  test('where it is absent', () => {
    expect(authorOf(header('Subject: x'))).toMatchObject({
      ok: false,
      refusal: { code: 'missing' },
    });
  });

  test('where it appears twice, even when both say the same', () => {
    const twice = header('From: a@b.example', 'fRoM : a@b.example');
    expect(authorOf(twice)).toMatchObject({
      ok: false,
      refusal: { code: 'repeated', detail: expect.stringContaining('2 From') as string },
    });
  });

  test('where it is not UTF-8', () => {
    const raw = Buffer.concat([
      Buffer.from('From: "'),
      Buffer.from([0xff]),
      Buffer.from('" <a@b.example>\r\n\r\n'),
    ]);
    expect(authorOf(parseMessage(raw).header)).toMatchObject({
      ok: false,
      refusal: { code: 'unreadable' },
    });
  });
});

describe('Sender', () => {
  test('is optional', () => {
    expect(senderOf(header('From: a@b.example'))).toBeUndefined();
  });

  test('names one mailbox', () => {
    expect(senderOf(header('Sender: "S" <s@b.example>'))).toEqual({
      ok: true,
      domain: 'b.example',
      addresses: ['s@b.example'],
    });
    expect(senderOf(header('Sender: s@b.example, t@b.example'))).toMatchObject({
      ok: false,
      refusal: { code: 'several-mailboxes' },
    });
  });

  test('is read as strictly as From', () => {
    expect(senderOf(header('Sender: s@b.example', 'Sender: s@b.example'))).toMatchObject({
      ok: false,
      refusal: { code: 'repeated' },
    });
    expect(senderOf(header('Sender: s@b.example <t@c.example>'))).toMatchObject({
      ok: false,
      refusal: { code: 'unreadable', detail: expect.stringContaining('Sender') as string },
    });
  });
});

const atom = fc
  .stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,10}$/)
  .filter((text) => !text.includes('=?'));
const mailbox = fc.record({
  local: fc.array(atom, { minLength: 1, maxLength: 3 }).map((atoms) => atoms.join('.')),
  name: fc.oneof(
    fc.constant(''),
    atom,
    fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text.replace(/\p{Cc}/gu, ''))),
  ),
  comment: fc.constantFrom('', '(c)', ' (c (d)) '),
  fold: fc.constantFrom('', ' ', '\r\n ', '\r\n\t '),
});

test('with any text around an address, only the address counts', () => {
  fc.assert(
    fc.property(mailbox, ({ local, name, comment, fold }) => {
      const value = `${comment}${fold}${name}${comment}${fold}<${fold}${local}@b.example${fold}>${fold}${comment}`;
      expect(authorIn(value)).toEqual({
        ok: true,
        domain: 'b.example',
        addresses: [`${local}@b.example`],
      });
    }),
  );
});

test('never throws, and never gives a domain that is not in the field', () => {
  const piece = fc.constantFrom(
    'a',
    '@',
    'b.example',
    '<',
    '>',
    '(',
    ')',
    '"',
    '\\',
    ',',
    ':',
    ';',
    '.',
    ' ',
    '\r\n ',
    '=?x?q?y?=',
    'ü',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const field = pieces.join('');
      const author = authorIn(field);
      if (author.ok) {
        for (const label of domainToUnicode(author.domain).split('.')) {
          expect(field).toContain(label);
        }
      } else {
        expect(author.refusal.detail).not.toBe('');
      }
    }),
    { numRuns: 5_000 },
  );
});

test('a field too long to be read in a blink is refused', () => {
  expect(authorIn('a@b.example, '.repeat(20_000))).toMatchObject({
    ok: false,
    refusal: { code: 'unreadable', detail: expect.stringContaining('250000 octets') as string },
  });
});
