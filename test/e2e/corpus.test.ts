import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mapLimited } from '#shared/async/limit.ts';
import { isLong } from '../support/long.ts';
import { onboard } from './support/onboard.ts';
import { sharedService, type Service } from './support/service.ts';
import { until } from './support/api.ts';
import { panel, rejections, requirePanel } from '../support/panel/index.ts';
import { keysOf } from './support/verifiers.ts';

/** Other projects' test mail, fetched by `.ci/corpora`; never part of this repository. */
const corpora = join(import.meta.dirname, '../../.corpora/mail');

let service: Service;

beforeAll(async () => {
  service = await sharedService();
  await onboard(service, service.api, 'corpus.example');
});

afterAll(() => service?.stop());

/** The message as a customer of ours would send it: From is theirs, Sender is left out. */
function fromUs(raw: Buffer): Buffer {
  const text = raw.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  const header = end === null ? text : text.slice(0, end.index);
  const rest = end === null ? '' : text.slice(end.index);
  const kept = header
    .replace(/^From .*\r?\n/, '')
    .split(/\r?\n(?![ \t])/)
    .filter((field) => !/^(from|sender)[ \t]*:/i.test(field));
  const newline = header.includes('\r\n') ? '\r\n' : '\n';
  return Buffer.from(
    ['From: Corpus <corpus@corpus.example>', ...kept].join(newline) + rest,
    'latin1',
  );
}

/**
 * Returns the refusal that a mail must get at submission, by rules that are not the service's own.
 */
function expectedRefusal(raw: Buffer): string | undefined {
  const text = raw.toString('latin1');
  const header = text.split(/\r?\n\r?\n/, 1)[0]!;
  const fields = header.split(/\r?\n(?![ \t])/);
  if (text.includes('\0')) return 'NUL';
  if (/\r(?!\n)/.test(text)) return 'bare CR';
  if (/[^\P{Cc}\t\r\n\u0080-\u009f]/u.test(header)) return 'control character in a field';
  if (fields.some((field) => /^[^:]*:/.test(field) && isBeyondRepair(field)))
    return '8-bit address';
  if (/^resent-/im.test(header)) return 'Resent';
  if (/(\S{990,})/.test(header)) return 'long word in a field';
  if (fields.some((field) => !/^[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(field))) return 'garbage line';
  const names = fields.map((field) => field.split(':', 1)[0]!.trim().toLowerCase());
  // RFC 5322 §3.6; big receivers refuse such mail outright
  const repeated = [
    'to',
    'cc',
    'bcc',
    'subject',
    'date',
    'reply-to',
    'message-id',
    'in-reply-to',
    'references',
  ];
  if (repeated.some((name) => names.filter((each) => each === name).length > 1))
    return 'repeated field';
  return undefined;
}

/** 8-bit octets in an address, or in a field of ids: no encoding exists for it. */
function isBeyondRepair(field: string): boolean {
  const [name = '', value = ''] = field.split(/:(.*)/s);
  if (/^(message-id|references|in-reply-to|received|return-path|date|list-.*)$/i.test(name.trim()))
    return /[\x80-\xff]/.test(value);
  if (!/^(to|cc|bcc|reply-to)$/i.test(name.trim())) return false;
  return /[\x80-\xff][^\s<>,"]*@|@[^\s<>,"]*[\x80-\xff]/.test(value);
}

const available = existsSync(join(corpora, '../complete')) && existsSync(corpora);
/** Of so many mails one is signed. */
const EVERY = isLong ? 1 : 3;
if (!isLong) console.warn(`*** One of ${EVERY} mails. All: npm run test:long. ***`);
if (!available)
  console.warn(
    '\nSKIPPED: no mail of other projects here (.ci/corpora fetches it); the corpus test did not run.\n',
  );

test.runIf(available)(
  'real-world mail is signed and verifies, or is refused for a reason that it has',
  async () => {
    const folder = await readdir(corpora, { recursive: true, withFileTypes: true });
    const files = folder.filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(300);
    const chosen = files.filter((_, index) => index % EVERY === 0);

    const submitted = new Map<string, Buffer>();
    const repaired: Record<string, number> = {};
    const refusals: Record<string, number> = {};
    const disagreements: string[] = [];
    await mapLimited(chosen, { tasks: 8 }, async (file) => {
      const raw = fromUs(await readFile(join(file.parentPath, file.name)));
      const { status, body } = await service.api.send(raw, ['success@simulator.amazonses.com']);
      const expected = expectedRefusal(raw);
      if (status === 202) {
        submitted.set(body.id, raw);
        for (const { code } of body.repairs) repaired[code] = (repaired[code] ?? 0) + 1;
        if (expected !== undefined)
          disagreements.push(`${file.name}: accepted, but has ${expected}`);
      } else {
        expect(status, body.detail).toBe(422);
        expect(body.detail).toMatch(/\w+ .*\w/);
        refusals[expected ?? 'unexpected'] = (refusals[expected ?? 'unexpected'] ?? 0) + 1;
        if (expected === undefined) disagreements.push(`${file.name}: refused: ${body.detail}`);
      }
    });
    expect(disagreements).toEqual([]);

    await everyOneDelivered([...submitted.keys()]);
    const mails = await service.outbox();
    expect(mails).toHaveLength(submitted.size);
    const signatures = mails.map(
      ({ raw }) =>
        raw
          .toString('latin1')
          .split('\r\n\r\n', 1)[0]!
          .match(/^dkim-signature:/gim)?.length,
    );
    expect(signatures.every((count) => count === 1)).toBe(true);

    const sent = mails.map(({ raw }) => raw);
    const seen = await Promise.all(sent.map(contentOf));
    const meant = await Promise.all([...submitted.values()].map(contentOf));
    expect(seen.toSorted()).toEqual(meant.toSorted());

    const verifiers = panel();
    requirePanel(verifiers);
    const both = mails.flatMap(({ raw, delivered }) => [raw, delivered]);
    const rejected = await rejections(verifiers, both, {
      domain: 'corpus.example',
      keys: await keysOf(service.dnsPort, 'corpus.example'),
      time: Math.floor(Date.now() / 1_000),
    });
    expect(
      rejected.map(({ index, verifier, verdict }) => [
        verifier,
        verdict,
        both[index]!.toString('latin1').slice(0, 500),
      ]),
    ).toEqual([]);
    console.log(
      `corpus: ${submitted.size} signed, accepted by all of ${verifiers.length}; repaired: ${JSON.stringify(repaired)}; refused: ${JSON.stringify(refusals)}`,
    );
  },
);

const textOf = (text = '') => text.replaceAll(/\r\n/g, '\n').trimEnd();

/**
 * What a reader sees of a mail, by a parser that is not ours: SHA-256 of its content as JSON. Line
 * ends, which submission makes CRLF, and those at the end of a text do not count.
 */
async function contentOf(raw: Buffer): Promise<string> {
  const { subject, text, html, attachments } = await PostalMime.parse(raw, {
    attachmentEncoding: 'base64',
  });
  return JSON.stringify({
    subject,
    text: textOf(text),
    html: textOf(html),
    attachments: attachments.map(({ filename, mimeType, content }) => ({
      filename,
      mimeType,
      size: /^(text|message)/.test(mimeType) ? 0 : (content as string).length,
    })),
  });
}

/** Expects every accepted mail to be delivered: SES would refuse one for a reason we must know. */
async function everyOneDelivered(ids: readonly string[]): Promise<void> {
  const problems: string[] = [];
  for (const id of ids) {
    const { body } = await until(
      'an end',
      () => service.api.message(id),
      (answer) => ['delivered', 'refused', 'bounced'].includes(answer.body.status),
      120,
    );
    if (body.status !== 'delivered') problems.push(`${body.status}: ${body.reasons.join(' ')}`);
  }
  expect(problems).toEqual([]);
}
