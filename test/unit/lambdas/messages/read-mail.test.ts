import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { readMail, type RequestedAttachment } from '../../../../lambdas/messages/read-mail.ts';

const least = { from: 'a@b.example', to: 'c@d.example', text: 'Hello.' };

const compose = (body: object) => {
  const mail = readMail({ ...least, ...body });
  const attachments = mail.attachments.map(({ source, ...rest }: RequestedAttachment) => ({
    ...rest,
    content: 'content' in source ? source.content : Buffer.alloc(0),
  }));
  return composeMail({ ...mail, attachments });
};

/** Reads a mail that must be refused. */
const reading = (body: object) => () => readMail({ ...least, ...body });
const refusal = (says: string | RegExp) =>
  expect.objectContaining({
    code: 'invalid-body',
    message: expect.stringMatching(says) as string,
  }) as Error;

describe('readMail', () => {
  test('takes the names that Resend has for fields', () => {
    const content = Buffer.from('x').toString('base64');
    const other = readMail({
      ...least,
      reply_to: 'r@b.example',
      attachments: [{ filename: 'a', content, content_type: 'image/png', content_id: 'logo' }],
    });
    const ours = readMail({
      ...least,
      replyTo: ['r@b.example'],
      attachments: [{ filename: 'a', content, contentType: 'image/png', contentId: 'logo' }],
    });
    expect(other).toEqual(ours);
    expect(reading({ reply_to: 'a@b.example', replyTo: 'a@b.example' })).toThrow(
      refusal('another name of "replyTo"'),
    );
  });

  test('reads mailboxes with and without a name, quoted or not, and domains in A-labels', () => {
    const to = [
      'c@d.example',
      'Carl <c@d.example>',
      '"Carl, D." <c@d.example>',
      { address: 'c@d.example', name: 'Carl, D.' },
      'c@b\u00fccher.example',
    ];
    expect(readMail({ ...least, to }).to).toEqual([
      { address: 'c@d.example' },
      { address: 'c@d.example', name: 'Carl' },
      { address: 'c@d.example', name: 'Carl, D.' },
      { address: 'c@d.example', name: 'Carl, D.' },
      { address: 'c@xn--bcher-kva.example' },
    ]);
    expect(readMail({ ...least, to }).recipients).toEqual([
      'c@d.example',
      'c@xn--bcher-kva.example',
    ]);
  });

  test('the envelope wins over To, Cc and Bcc', () => {
    const envelope = { recipients: ['x@y.example'] };
    expect(readMail({ ...least, envelope }).recipients).toEqual(['x@y.example']);
  });

  test.each<[string, object, string | RegExp]>([
    ['no sender', { from: undefined }, '"from"'],
    ['two senders', { from: 'a@b.example, e@f.example' }, '"from".*give several as a list'],
    ['no address', { to: 'Carl' }, '"to".*no address'],
    ['nothing to read', { text: undefined }, '"text", "html" or "attachments"'],
    ['a field we have not', { subjekt: 'Hi' }, 'subjekt'],
    ['a number', { subject: 7 }, '"subject"'],
    ['an attachment without content', { attachments: [{ filename: 'a' }] }, 'attachments.0'],
    [
      'content that is not base64',
      { attachments: [{ filename: 'a', content: 'not base64!' }] },
      'attachments.0.content',
    ],
    [
      'a path to fetch',
      { attachments: [{ filename: 'a', path: '/etc/passwd' }] },
      'attachments.0.*path',
    ],
    [
      'a multipart attachment',
      { attachments: [{ filename: 'a', content: '', contentType: 'multipart/mixed' }] },
      'contentType',
    ],
    ['another From', { headers: { from: 'x@y.example' } }, 'headers'],
    ['a signature', { headers: [{ name: 'DKIM-Signature', value: 'v=1' }] }, 'headers'],
    ['a Content-Type', { headers: { 'Content-Type': 'text/plain' } }, 'headers'],
    ['SES’s own fields', { headers: { 'X-SES-Configuration-Set': 'x' } }, 'headers'],
    ['a field without a name', { headers: { '': 'x' } }, 'headers'],
    ['a field’s name with a colon', { headers: { 'a:b': 'x' } }, 'headers'],
  ])('refuses %s', (_, body, says) => expect(reading(body)).toThrow(refusal(says)));

  test('takes no line end in any text of a header field', () => {
    for (const end of ['\r\n', '\n', '\r', '\u2028\n', '\u0085', '\0']) {
      const evil = `x${end}Bcc: evil@e.example`;
      expect(reading({ subject: evil })).toThrow(refusal('"subject"'));
      expect(reading({ from: `${evil} <a@b.example>` })).toThrow(refusal('"from'));
      expect(reading({ from: { address: 'a@b.example', name: evil } })).toThrow(refusal('"from'));
      expect(reading({ to: [`c@d.example${end}`] })).toThrow(refusal('"to'));
      expect(reading({ replyTo: evil })).toThrow(refusal('"replyTo"'));
      expect(reading({ headers: { 'X-A': evil } })).toThrow(refusal('headers'));
      expect(reading({ headers: { [`X-A${end}B`]: 'x' } })).toThrow(refusal('headers'));
      expect(reading({ attachments: [{ filename: evil, content: '' }] })).toThrow(
        refusal('filename'),
      );
      expect(reading({ attachments: [{ filename: 'a', content: '', contentId: evil }] })).toThrow(
        refusal('contentId'),
      );
      const contentType = `image/png${end}X-A: b`;
      expect(reading({ attachments: [{ filename: 'a', content: '', contentType }] })).toThrow(
        refusal('contentType'),
      );
    }
  });
});

/** A field of spaces is left out; other white space is a text, and encoded. */
const isEmpty = (text: string): boolean => /^ *$/.test(text);

describe('a mail that was composed', () => {
  test('has what was given: text, HTML, an inline image, a file, fields', async () => {
    const raw = (
      await compose({
        from: { address: 'a@b.example', name: 'Änn, A.' },
        subject: 'Grüße 👋',
        html: '<p><img src="cid:logo"></p>',
        headers: { 'List-Unsubscribe': '<https://b.example/u>' },
        attachments: [
          { filename: 'logo.png', content: 'AAEC', contentId: 'logo' },
          { filename: 'Übersicht.pdf', content: 'JVBERi0=' },
        ],
      })
    ).toString('latin1');
    expect(raw).toContain('Content-ID: <logo>');
    expect(raw).toContain('Content-Type: application/pdf');
    expect(raw).toMatch(/^List-Unsubscribe: <https:\/\/b\.example\/u>\r$/m);
    expect(raw).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(raw).toMatch(/^From: =\?UTF-8\?.*<a@b\.example>\r$/m);
    expect(raw).not.toMatch(/[\x80-\xff]/);
    expect(raw).not.toMatch(/[^\r]\n/);
  });

  test('has exactly the fields that it must have, whatever the texts are', async () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 80 })
      .filter((each) => !/\p{Cc}/u.test(each));
    await fc.assert(
      fc.asyncProperty(text, text, text, async (subject, name, value) => {
        const raw = await compose({
          from: { address: 'a@b.example', name },
          subject,
          headers: { 'X-A': value },
        });
        const { header } = parseMessage(raw);
        expect(header.fields.map(({ name: each }) => each).toSorted()).toEqual(
          [
            'content-transfer-encoding',
            'content-type',
            'date',
            'from',
            'message-id',
            'mime-version',
            ...(isEmpty(subject) ? [] : ['subject']),
            'to',
            ...(isEmpty(value) ? [] : ['x-a']),
          ].toSorted(),
        );
      }),
      { numRuns: 200, examples: [['\u00A0', '\u3000', '\uFEFF']] },
    );
  });
});
