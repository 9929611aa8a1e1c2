import { expect, test } from 'vitest';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';

function prepared(text: string): string {
  const message = prepareForSes(parseMessage(Buffer.from(text, 'latin1')));
  return assemble(Buffer.alloc(0), message).toString('latin1');
}

test('strips what SES refuses, writes itself or would be steered by, and Bcc', () => {
  const stripped =
    'DKIM-Signature: v=1;\r\n b=x\r\ndkim-signature : v=1\r\nReturn-Path: <x>\r\nBounces-To: x\r\nFeedback-ID: x\r\nBCC: x\r\nDelivered-To: x@y.example\r\nX-SES-CONFIGURATION-SET: x\r\nx-ses-source-arn: x\r\nX-Ses-Anything :\r\n x\r\n';
  const kept = 'From: a@b.example\r\nX-SESAME: x\r\nMIME-Version: 1.0\r\nSubject: a\r\n b\r\n';
  expect(prepared(`${stripped}${kept}${stripped}\r\nbody\r\n`)).toBe(`${kept}\r\nbody\r\n`);
});

test('supplies MIME-Version where there is none, at the end of the header', () => {
  expect(prepared('From: a@b.example\r\n\r\nbody')).toBe(
    'From: a@b.example\r\nMIME-Version: 1.0\r\n\r\nbody',
  );
  expect(prepared('mime-version: 1.0 (x)\r\n\r\n')).toBe('mime-version: 1.0 (x)\r\n\r\n');
});

test('takes white space before a colon away', () => {
  expect(prepared('To \t: x\r\n y : z\r\nmime-version: 1.0\r\n\r\n')).toBe(
    'To: x\r\n y : z\r\nmime-version: 1.0\r\n\r\n',
  );
});

test('gives the message itself back where there is nothing to do', () => {
  const message = parseMessage(Buffer.from('MIME-Version: 1.0\r\n\r\nbody'));
  expect(prepareForSes(message)).toBe(message);
});

test('ends a header that the end of the message cut off', () => {
  expect(prepared('From: a@b.example\r\nMIME-Version: 1.0\r\n')).toBe(
    'From: a@b.example\r\nMIME-Version: 1.0\r\n\r\n',
  );
  expect(prepared('From: a@b.example')).toBe('From: a@b.example\r\nMIME-Version: 1.0\r\n\r\n');
});

test('finds the fields of the new header at their new places', () => {
  const { header } = prepareForSes(parseMessage(Buffer.from('Bcc: x\r\nTo: y\r\n\r\n')));
  expect(
    header.fields.map((field) => header.bytes.toString('latin1', field.start, field.end)),
  ).toEqual(['To: y\r\n', 'MIME-Version: 1.0\r\n']);
});

test('leaves the body where it is, and keeps each octet of the header', () => {
  const raw = Buffer.from('Bcc: x\r\nTo: \u00ff\0\r\n\r\nbody', 'latin1');
  const message = prepareForSes(parseMessage(raw));
  expect(message.body.buffer).toBe(raw.buffer);
  expect(message.header.bytes.toString('latin1')).toBe('To: \u00ff\0\r\nMIME-Version: 1.0\r\n\r\n');
});

test('assembles the signature before the first field', () => {
  const message = parseMessage(Buffer.from('A: 1\r\n\r\nbody'));
  expect(assemble(Buffer.from('DKIM-Signature: v=1\r\n'), message).toString()).toBe(
    'DKIM-Signature: v=1\r\nA: 1\r\n\r\nbody',
  );
});
