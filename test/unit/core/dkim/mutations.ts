import * as fc from 'fast-check';
import type { SigningProfile } from '#shared/core/dkim/profile.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { bodyOf } from './by-the-book.ts';
import { ed25519Key, now, rsaKey } from './keys.ts';

const canonicalization = fc.constantFrom('relaxed' as const, 'simple' as const);
const profile: fc.Arbitrary<SigningProfile> = fc.record({
  headerCanonicalization: canonicalization,
  bodyCanonicalization: canonicalization,
  sign: fc.constantFrom(['list-id', 'references'], ['date', 'received'], []),
  oversignPresent: fc.constantFrom(sesProfile.oversignPresent, []),
  oversign: fc.constantFrom(sesProfile.oversign, ['from']),
  backdateSeconds: fc.constantFrom(0, 5),
  lifetimeSeconds: fc.constantFrom(undefined, 600),
});

const value = fc
  .array(
    fc.constantFrom(
      'a',
      'b ',
      '  ',
      '\t',
      '\r\n ',
      '\r\n\t',
      ':',
      ';',
      '=',
      'ü',
      '\u00a0',
      '<x@y.example>',
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));
const field = fc
  .tuple(
    fc.constantFrom(
      'Subject',
      'TO',
      'cc',
      'Received',
      'Date',
      'X-Y',
      'Reply-To',
      'List-Id',
      'References',
      'Content-Type',
    ),
    fc.constantFrom('', ' ', '\t'),
    value,
  )
  .map(([name, space, text]) => `${name}${space}:${text}\r\n`);
const fields = fc.array(field, { maxLength: 8 }).map((lines) => lines.join(''));

/** Messages that our signer signed, with line ends as it wants them. */
export const signedMessages = fc
  .record({
    before: fields,
    after: fields,
    body: fc.option(bodyOf),
    profile,
    key: fc.constantFrom(ed25519Key, ed25519Key, ed25519Key, rsaKey),
  })
  .map(({ before, after, body, profile, key }) => {
    const header = Buffer.from(`${before}From: A <a@b.example>\r\n${after}`);
    const raw = normalizeLineEnds(
      body === null ? header : Buffer.concat([header, Buffer.from('\r\n'), body]),
    );
    const selector = key === rsaKey ? 'rsa' : 'ed';
    const signature = signMessage(parseMessage(raw), {
      domain: 'b.example',
      selector,
      key: key.privateKey,
      profile,
      time: now,
    });
    return Buffer.concat([signature, raw]);
  });

type Edit = (message: Buffer) => Buffer;

function splice(message: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([message.subarray(0, at), added, message.subarray(at + removed)]);
}

const place = fc.integer({ min: 0, max: 9_999 }).map((share) => share / 10_000);
const piece = fc.oneof(
  fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\t',
    ';',
    ':',
    '=',
    '\0',
    'a',
    'A',
    '\r\n\r\n',
    '\r\n ',
    'garbage\r\n',
    'From: x@y.example\r\n',
    'Subject: y\r\n',
  ),
  fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet)),
);

/** Octets put in, taken out or replaced anywhere; as often in the signature as behind it. */
const anywhere: fc.Arbitrary<Edit> = fc
  .record({
    place,
    inSignature: fc.boolean(),
    removed: fc.constantFrom(0, 1, 1, 2, 10),
    piece: fc.option(piece),
  })
  .map(({ place, inSignature, removed, piece }) => (message) => {
    const signatureEnd = message.indexOf('\r\n', message.indexOf(' b=')) + 2;
    const at = Math.floor(inSignature ? place * signatureEnd : place * message.length);
    return splice(message, at, removed, Buffer.from(piece ?? '', 'latin1'));
  });

/** A tag of the signature changed, added or taken out. */
const inTags: fc.Arbitrary<Edit> = fc
  .constantFrom<[RegExp, string]>(
    [/v=1;/, ''],
    [/v=1;/, 'v=2;'],
    [/v=1;/, 'v=1; v=1;'],
    [/v=1;/, 'V=1;'],
    [/v=1;/, ' v = 1 ;'],
    [/a=[^;]*;/, 'a=rsa-sha1;'],
    [/a=[^;]*;/, 'a=RSA-SHA256;'],
    [/a=[^;]*;/, 'a=ed25519-sha256;'],
    [/a=[^;]*;/, ''],
    [/c=[^;]*;/, ''],
    [/c=[^;]*;/, 'c=relaxed;'],
    [/c=[^;]*;/, 'c=simple/relaxed;'],
    [/c=[^;]*;/, 'c=nowsp;'],
    [/c=[^;]*;/, 'c=relaxed/;'],
    [/d=[^;]*;/, 'd=B.EXAMPLE;'],
    [/d=[^;]*;/, 'd=example;'],
    [/d=[^;]*;/, 'd=other.example;'],
    [/d=[^;]*;/, 'd=;'],
    [/s=[^;]*;/, 's=none;'],
    [/s=[^;]*;/, 's=revoked;'],
    [/s=[^;]*;/, 's=broken;'],
    [/s=[^;]*;/, 's=strict;'],
    [/s=[^;]*;/, 's=weak;'],
    [/t=/, 'i=@b.example; t='],
    [/t=/, 'i=@c.b.example; t='],
    [/t=/, 'i=@d.example; t='],
    [/t=/, 'i=x; t='],
    [/t=/, 'l=0; t='],
    [/t=/, 'l=3; t='],
    [/t=/, 'l=99999; t='],
    [/t=/, 'l=x; t='],
    [/t=/, 'q=dns/txt; t='],
    [/t=/, 'q=other; t='],
    [/t=/, 'n=a note; t='],
    [/t=/, 'n; t='],
    [/t=/, '; t='],
    [/t=\d*/, `t=${now - 1000}`],
    [/t=\d*/, 't=x'],
    [/t=\d*;/, ''],
    [/x=\d*/, 'x=1'],
    [/x=\d*/, `x=${now - 1}`],
    [/x=\d*;/, ''],
    [/h=/, 'h=to:'],
    [/h=/, 'h= : '],
    [/h=(?:from:?)*/, 'h='],
    [/bh=/, 'bh= '],
    [/bh=[^;]*/, 'bh='],
    [/bh=./, 'bh=/'],
    [/b=(?=[^;]*$)/, 'b= '],
    [/; *b=/, ';\tb\r\n ='],
    [/\r\n(?=[^ \t])/, ';\r\n'],
    [/\r\n(?=[^ \t])/, '; \r\n'],
  )
  .map(([pattern, text]) => (message) => {
    const end = message.indexOf('\r\n', message.indexOf(' b=')) + 2;
    const signature = message.toString('latin1', 0, end).replace(pattern, text);
    return Buffer.concat([Buffer.from(signature, 'latin1'), message.subarray(end)]);
  });

/** Changes that relaxed canonicalization removes. */
const whiteSpace: fc.Arbitrary<Edit> = place.map((place) => (message) => {
  const text = message.toString('latin1');
  const spaces = [...text.matchAll(/[ \t]+/g)];
  const chosen = spaces[Math.floor(place * spaces.length)];
  return chosen === undefined
    ? message
    : splice(message, chosen.index, chosen[0].length, Buffer.from(' \t '));
});

const bareLineEnds: Edit = (message) =>
  Buffer.from(message.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');

const twice: Edit = (message) =>
  splice(message, 0, 0, message.subarray(0, message.indexOf('\r\n', message.indexOf(' b=')) + 2));

const edit = fc.oneof(
  { weight: 5, arbitrary: anywhere },
  { weight: 4, arbitrary: inTags },
  { weight: 2, arbitrary: whiteSpace },
  { weight: 1, arbitrary: fc.constantFrom(bareLineEnds, twice) },
);

/** Signed messages as they are, or with up to three edits. */
export const mutatedMessages = fc
  .tuple(signedMessages, fc.array(edit, { maxLength: 3 }))
  .map(([message, edits]) => edits.reduce<Buffer>((edited, apply) => apply(edited), message));
