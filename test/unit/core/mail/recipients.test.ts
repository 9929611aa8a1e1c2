import { expect, test } from 'vitest';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { recipientsOf } from '#shared/core/mail/recipients.ts';

function recipientsIn(...lines: string[]) {
  return recipientsOf(parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)).header);
}

test('gathers To, Cc and Bcc, each address once, groups opened', () => {
  expect(
    recipientsIn(
      'To: A <a@x.example>, Team: b@x.example, "C" <c@Y.example>; , d@x.example',
      'Cc: a@X.example',
      'BCC: e@bücher.example',
      'Reply-To: f@x.example',
      'From: g@x.example',
    ),
  ).toEqual({
    ok: true,
    addresses: [
      'a@x.example',
      'b@x.example',
      'c@y.example',
      'd@x.example',
      'e@xn--bcher-kva.example',
    ],
  });
});

test('keeps addresses apart that differ in the case of the local part', () => {
  expect(recipientsIn('To: a@x.example, A@x.example')).toEqual({
    ok: true,
    addresses: ['a@x.example', 'A@x.example'],
  });
});

test('may find none', () => {
  expect(recipientsIn('From: a@x.example')).toEqual({ ok: true, addresses: [] });
  expect(recipientsIn('To: undisclosed-recipients:;', 'Bcc: ')).toEqual({
    ok: true,
    addresses: [],
  });
});

test('says which field cannot be read', () => {
  expect(recipientsIn('To: a@x.example', 'Cc: nobody')).toEqual({
    ok: false,
    detail: 'The field cc cannot be read: "nobody" is no address: it has no "@".',
  });
});
