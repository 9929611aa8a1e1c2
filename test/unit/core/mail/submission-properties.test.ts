import * as fc from 'fast-check';
import PostalMime, { type Address } from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { inspectSubmission } from '#shared/core/mail/inspect.ts';
import { prepareSubmission } from '#shared/core/mail/submission.ts';
import { isLong } from '../../../support/long.ts';

const word = fc.oneof(
  fc.stringMatching(/^[a-z0-9=?_.,"()-]{1,12}$/),
  fc.constantFrom('Grüße', 'ä', '日本語', '😀', '=?utf-8?q?x=C3=BC?=', 'x'.repeat(90)),
);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(' ', '  ', '\t')), { minLength: 1, maxLength: 8 })
  .map((pairs) =>
    pairs
      .map((pair) => pair.join(''))
      .join('')
      .trim(),
  );
const name = text.map((one) => `"${one.replaceAll('"', '')}"`);
const plainName = fc.constantFrom('Ann', 'Jürgen Groß', 'Ö');
const line = fc.oneof(
  text,
  text,
  fc.constantFrom('', '.', 'From x', '\u00a0', ' trailing \t', '=3D', '--b', '--other'),
  fc.tuple(text, fc.constantFrom(2, 300)).map(([one, times]) => `${one} `.repeat(times)),
);
const lines = fc.array(line, { minLength: 1, maxLength: 8 }).map((all) => all.join('\r\n'));

const leaf = fc
  .record({
    type: fc.constantFrom(
      '',
      'text/plain; charset=utf-8',
      'text/html; charset=utf-8',
      'application/x-y',
    ),
    encoding: fc.constantFrom('', '8bit', '7bit', 'base64', 'quoted-printable'),
    content: lines,
  })
  .map(({ type, encoding, content }) => {
    const fields = [
      ...(type === '' ? [] : [`Content-Type: ${type}`]),
      ...(encoding === '' ? [] : [`Content-Transfer-Encoding: ${encoding}`]),
    ];
    return `${fields.map((field) => `${field}\r\n`).join('')}\r\n${encodedAs(encoding, content)}`;
  });

function encodedAs(encoding: string, content: string): string {
  if (encoding === 'base64') return Buffer.from(content).toString('base64');
  if (encoding !== 'quoted-printable') return content;
  return [...Buffer.from(content)]
    .map((octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

/** A leaf, or a multipart of leaves and multiparts, without the fields that only a mail has. */
const { entity } = fc.letrec<{ entity: string; multipart: string }>((tie) => ({
  entity: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaf, tie('multipart')),
  multipart: fc
    .record({
      boundary: fc.integer({ min: 0, max: 1_000_000 }).map((n) => `=_${n}`),
      parts: fc.array(tie('entity'), { minLength: 1, maxLength: 3 }),
      type: fc.constantFrom('mixed', 'alternative', 'related'),
    })
    .map(({ boundary, parts, type }) => {
      const delimited = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
      return `Content-Type: multipart/${type}; boundary="${boundary}"\r\n\r\n${delimited}--${boundary}--\r\n`;
    }),
}));

/** Mail with and without the faults that are repaired, and none that is refused. */
const mail = fc
  .record({
    author: fc.oneof(name, plainName).map((one) => `From: ${one} <ann@example.com>`),
    more: fc.constantFrom('', ', bob@example.com'),
    subject: text.map((one) => `Subject: ${one}`),
    to: fc
      .array(fc.oneof(name, plainName), { minLength: 1, maxLength: 8 })
      .map((names) => `To: ${names.map((one, i) => `${one} <r${i}@example.net>`).join(', ')}`),
    entity,
    end: fc.constantFrom('\r\n', ''),
    lineEnd: fc.constantFrom('\r\n', '\n'),
    encoding: fc.constantFrom<BufferEncoding>('utf8', 'utf8', 'latin1'),
  })
  .map(({ author, more, subject, to, entity, end, lineEnd, encoding }) =>
    Buffer.from(
      `${author}${more}\r\n${subject}\r\n${to}\r\nMIME-Version: 1.0\r\n${entity}${end}`
        .replaceAll('\r\n', lineEnd)
        .replaceAll(encoding === 'latin1' ? /[^\0-\xff]/gu : /(?!)/g, '?'),
      encoding,
    ),
  );

const numRuns = isLong ? 5_000 : 100;

/** What a reader sees, without line ends at the end of a text. */
async function seenOf(raw: Buffer): Promise<object> {
  const { from, to, subject, text, html, attachments } = await PostalMime.parse(raw, {
    attachmentEncoding: 'base64',
  });
  return {
    from: oneSpaced(from),
    to: to?.map(oneSpaced),
    subject,
    text: (text ?? '').trimEnd(),
    html: (html ?? '').trimEnd(),
    // A mail that is one part gets a line end after its last line.
    attachments: attachments.map(({ content, ...attachment }) => ({
      ...attachment,
      content: Buffer.from(content as string, 'base64')
        .toString('latin1')
        .replace(/[\r\n]+$/, ''),
    })),
  };
}

/** Readers show one space for several between the words of a display name. */
const oneSpaced = (address: Address | undefined) => ({
  ...address,
  name: address?.name.replaceAll(/[ \t]+/g, ' ').trim(),
});

describe('a repaired mail', () => {
  test('has no fault left, and repairing it again changes nothing', () => {
    let count = 0;
    fc.assert(
      fc.property(mail, (raw) => {
        const once = prepareSubmission(raw, { strict: false });
        if (!once.ok) return refusedRightly(raw, once.refusal.code);
        count += once.repairs.length > 0 ? 1 : 0;
        const twice = prepareSubmission(once.raw, { strict: true });
        expect(twice).toMatchObject({ ok: true, repairs: [] });
        expect(twice.ok && twice.raw).toBe(once.raw);
      }),
      { numRuns },
    );
    expect(count).toBeGreaterThan(numRuns / 4);
  });

  test('reads as before: text, HTML, attachments, subject, author and recipients', async () => {
    await fc.assert(
      fc.asyncProperty(mail.filter(isUtf8OrAscii), async (raw) => {
        const once = prepareSubmission(raw, { strict: false });
        if (!once.ok) return;
        expect(await seenOf(once.raw)).toEqual(await seenOf(raw));
      }),
      { numRuns },
    );
  });

  test('is byte for byte the mail that came where it has no faults', () => {
    fc.assert(
      fc.property(mail, (raw) => {
        const strict = prepareSubmission(raw, { strict: true });
        const lenient = prepareSubmission(raw, { strict: false });
        if (!strict.ok) return;
        expect(strict.raw).toBe(raw);
        expect(lenient).toMatchObject({ ok: true, repairs: [] });
        expect(lenient.ok && lenient.raw).toBe(raw);
        expect(inspectSubmission(raw).ok).toBe(true);
      }),
      { numRuns },
    );
  });
});

/** Only a line that cannot be folded, or one outside of the parts, may be left. */
function refusedRightly(raw: Buffer, code: string): void {
  expect([code, raw.toString()]).toEqual(['line-too-long', raw.toString()]);
}

function isUtf8OrAscii(raw: Buffer): boolean {
  return !raw.toString('utf8').includes('\ufffd');
}
