import PostalMime from 'postal-mime';
import { beforeAll, describe, expect, test } from 'vitest';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';
import { prepareSubmission } from '#shared/core/mail/submission.ts';
import { libraries, meaning, type Mails } from '../../../support/libraries/mails.ts';
import { panel, rejections, requirePanel } from '../../../support/panel/index.ts';
import { now, rsaKey } from '../../core/dkim/keys.ts';

const question = {
  domain: 'example.com',
  keys: { 'zero._domainkey.example.com': rsaKey.record },
  time: now,
};

/** As the service signs it. */
function signed(raw: Buffer): Buffer {
  const prepared = prepareSubmission(raw, { strict: false });
  if (!prepared.ok) throw new Error(prepared.refusal.detail);
  const message = prepareForSes(prepared.message);
  const signature = signMessage(message, {
    domain: question.domain,
    selector: 'zero',
    key: rsaKey.privateKey,
    profile: sesProfile,
    time: now,
  });
  return assemble(signature, message);
}

const made = new Map<string, Mails>();

beforeAll(async () => {
  for (const { name, make } of libraries) {
    const mails = await make();
    if (mails !== undefined) made.set(name, mails);
    else if (process.env['CI'] !== undefined) throw new Error(`NOT INSTALLED: ${name}.`);
    else console.warn(`\nNOT INSTALLED: ${name}. Its mails are not tested here.\n`);
  }
}, 60_000);

const withoutLastLineEnd = (text = '') => text.replaceAll('\r\n', '\n').trimEnd();

describe.each(libraries)('the mails of $name', ({ name }) => {
  test('are accepted, and mean what was meant', async ({ skip }) => {
    const mails = made.get(name);
    if (mails === undefined) return skip();
    expect(Object.keys(mails).length).toBeGreaterThanOrEqual(3);
    for (const [kind, raw] of Object.entries(mails)) {
      const sent = signed(raw);
      const { from, subject, text, html, attachments } = await PostalMime.parse(sent);
      expect({ kind, subject, from }).toEqual({
        kind,
        subject: meaning.subject,
        from: { name: meaning.name, address: meaning.address },
      });
      if (kind === 'text' || kind === 'mixed' || kind === 'older')
        expect(withoutLastLineEnd(text), kind).toBe(meaning.text.trimEnd());
      if (kind === 'html' || kind === 'mixed')
        expect(withoutLastLineEnd(html), kind).toBe(meaning.html);
      if (kind === 'empty') expect(withoutLastLineEnd(text)).toBe('');
      expect(attachments.map(({ filename }) => filename)).toEqual(
        kind === 'mixed' ? [meaning.filename] : [],
      );
      if (kind === 'mixed') {
        const content = Buffer.from(attachments[0]!.content as ArrayBuffer);
        expect(content.toString('base64')).toBe(meaning.attachment);
      }
    }
  });

  test('name their author', ({ skip }) => {
    for (const raw of Object.values(made.get(name) ?? skip())) {
      const prepared = prepareSubmission(raw, { strict: false });
      expect(prepared.ok && authorOf(prepared.message.header)).toMatchObject({
        ok: true,
        addresses: [meaning.address],
      });
    }
  });
});

test('all of them verify in the five verifiers', async () => {
  const verifiers = panel();
  requirePanel(verifiers);
  const mails = [...made].flatMap(([name, kinds]) =>
    Object.entries(kinds).map(([kind, raw]) => ({ name, kind, raw: signed(raw) })),
  );
  const rejected = await rejections(
    verifiers,
    mails.map(({ raw }) => raw),
    question,
  );
  expect(
    rejected.map(({ index, verifier, verdict }) => {
      const { name, kind } = mails[index]!;
      return { name, kind, verifier, verdict };
    }),
  ).toEqual([]);
}, 60_000);
