import { expect, test } from 'vitest';
import { inspectMessage, inspectSubmission } from '#shared/core/mail/inspect.ts';

const header = 'From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n';

test.each([
  ['a plain message', `${header}\r\nbody\r\n`],
  ['a message without a body', header],
  ['8-bit in the body', `${header}\r\n\u00fc\u00a0\r\n`],
  ['a line of 998 octets', `${header}\r\n${'x'.repeat(998)}\r\n`],
  ['a last line of 998 octets without a line end', `${header}\r\n${'x'.repeat(998)}`],
  ['many lines', `${header}\r\n${`${'x'.repeat(700)}\r\n`.repeat(1_000)}`],
  [
    'repeated fields that may repeat',
    `${header}X-Trace: 1\r\nX-Trace: 2\r\nReceived: x\r\nReceived: y\r\n\r\n`,
  ],
  ['white space before a colon', 'From : a@b.example\r\n\r\n'],
  ['an existing DKIM-Signature, which is stripped later', `DKIM-Signature: v=1\r\n${header}\r\n`],
])('takes %s as it is', (_title, message) => {
  const raw = Buffer.from(message, 'latin1');
  const inspection = inspectSubmission(raw);
  expect(inspection.ok && inspection.message.header.bytes.buffer === raw.buffer).toBe(true);
});

test('takes bare LFs, and makes them CRLF', () => {
  const inspection = inspectSubmission(Buffer.from('From: a@b.example\nSubject: x\n\nbody\n'));
  expect(inspection.ok && inspection.message.body.toString()).toBe('body\r\n');
  expect(inspection.ok && inspection.message.header.bytes.toString()).toBe(
    'From: a@b.example\r\nSubject: x\r\n\r\n',
  );
});

test.each([
  ['nothing', '', 'empty', 'is empty'],
  ['no header', '\r\nbody', 'no-header', 'no header'],
  ['a NUL in the header', `Subject: \0\r\n${header}\r\n`, 'nul', 'octet 9'],
  ['a NUL in the body', `${header}\r\n\0`, 'nul', `octet ${header.length + 2}`],
  ['a bare CR in the header', `Subject: x\rBcc: y\r\n${header}\r\n`, 'bare-cr', 'octet 10'],
  ['a bare CR in the body', `${header}\r\na\rb`, 'bare-cr', `octet ${header.length + 3}`],
  ['CR CR LF', `${header}\r\na\r\r\n`, 'bare-cr', `octet ${header.length + 3}`],
  ['a CR at the end', `${header}\r\na\r`, 'bare-cr', `octet ${header.length + 3}`],
  [
    'a body line of 999 octets',
    `${header}\r\na\r\n${'x'.repeat(999)}\r\n`,
    'line-too-long',
    `octet ${header.length + 5}`,
  ],
  ['a last line of 999 octets', `${header}\r\n${'x'.repeat(999)}`, 'line-too-long', '998'],
  [
    'a header line of 999 octets',
    `Subject: ${'x'.repeat(990)}\r\n${header}\r\n`,
    'line-too-long',
    'octet 0',
  ],
  ['a long line with a bare LF', `${header}\n${'x'.repeat(999)}\n`, 'line-too-long', '998'],
  ['a line without colon', `${header}garbage\r\n\r\n`, 'malformed-header-line', '"garbage"'],
  ['a continuation of nothing', ` x\r\n${header}\r\n`, 'malformed-header-line', '" x"'],
  ['a space in a field name', `${header}X y: z\r\n\r\n`, 'malformed-header-line', '"X y: z"'],
  [
    'a fold before a colon',
    `${header}Bcc\r\n : x@y.example\r\n\r\n`,
    'malformed-header-line',
    '"Bcc',
  ],
  ['8-bit in a field name', `${header}\u00fc: z\r\n\r\n`, 'malformed-header-line', 'Name: value'],
  [
    'an mbox line',
    `From a@b.example Mon Nov 23 06:00:00 2026\r\n${header}\r\n`,
    'mbox-from-line',
    'mbox',
  ],
  [
    'UTF-8 in a field',
    `${header}X: Gr\u00c3\u00bc\u00c3\u009fe\r\n\r\n`,
    'header-not-ascii',
    'field x',
  ],
  ['invalid UTF-8 in a field', `${header}X: \u00ff\r\n\r\n`, 'header-not-ascii', 'RFC 2047'],
  ['NBSP at the edge of a value', `${header}X:\u00a0y\r\n\r\n`, 'header-not-ascii', 'field x'],
  ['a Resent- field', `Resent-From: x@y.example\r\n${header}\r\n`, 'resent-field', 'resent-from'],
  ['a second From', `${header}From: x@y.example\r\n\r\n`, 'repeated-field', 'from'],
  ['a second To', `${header}To: x@y.example\r\nTo: z@y.example\r\n\r\n`, 'repeated-field', 'to'],
  [
    'a second field of those that SES takes once',
    `${header}Thread-Topic: x\r\nThread-Topic: y\r\n\r\n`,
    'repeated-field',
    'Amazon SES',
  ],
  ['a second Subject in another case', `${header}SUBJECT : y\r\n\r\n`, 'repeated-field', 'subject'],
])('refuses %s', (_title, message, code, detail) => {
  const inspection = inspectSubmission(Buffer.from(message, 'latin1'));
  expect(inspection).toMatchObject({
    ok: false,
    refusal: { code, detail: expect.stringContaining(detail) as string },
  });
});

test.each([
  ['UTF-8 in a field', `${header}X: Gr\u00c3\u00bc\u00c3\u009fe\r\n\r\n`],
  ['a Resent- field', `Resent-From: x@y.example\r\n${header}\r\n`],
  ['a field twice', `${header}Subject: y\r\n\r\n`],
])('a message that is not for SES may have %s', (_title, message) => {
  expect(inspectMessage(Buffer.from(message, 'latin1')).ok).toBe(true);
});
