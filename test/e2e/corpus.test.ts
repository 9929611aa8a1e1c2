import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onboard } from './support/onboard.ts';
import { startService, type OutboxMail, type Service } from './support/service.ts';
import { until } from './support/api.ts';
import { dkimpy, haraka, mailauth } from './support/verifiers.ts';

/** Other projects' test mail, fetched by `.ci/corpora`; never part of this repository. */
const corpora = join(import.meta.dirname, '../../.corpora/mail');

let service: Service;

beforeAll(async () => {
  service = await startService();
  await onboard(service, service.api, 'example.com');
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
  return Buffer.from(['From: Corpus <corpus@example.com>', ...kept].join(newline) + rest, 'latin1');
}

/**
 * Returns the refusal that a mail must get at submission, by rules that are not the service's own.
 */
function expectedRefusal(raw: Buffer): string | undefined {
  const text = raw.toString('latin1');
  const header = text.split(/\r?\n\r?\n/, 1)[0]!;
  if (text.includes('\0')) return 'NUL';
  if (/\r(?!\n)/.test(text)) return 'bare CR';
  if (/[\x80-\xff]/.test(header)) return '8-bit header';
  if (/^resent-/im.test(header)) return 'Resent';
  if (text.split(/\r?\n/).some((line) => line.length > 998)) return 'long line';
  if (header.split(/\r?\n(?![ \t])/).some((field) => !/^[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(field)))
    return 'garbage line';
  const names = header
    .split(/\r?\n(?![ \t])/)
    .map((field) => field.split(':', 1)[0]!.trim().toLowerCase());
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
  if (bodyOf(raw) === '') return 'empty body';
  return undefined;
}

function bodyOf(raw: Buffer): string {
  const text = raw.toString('latin1').replace(/\r?\n/g, '\r\n');
  const end = text.indexOf('\r\n\r\n');
  return end < 0 ? '' : text.slice(end + 4);
}

const available = existsSync(join(corpora, '../complete')) && existsSync(corpora);
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

    const submitted = new Map<string, Buffer>();
    const refusals: Record<string, number> = {};
    const disagreements: string[] = [];
    for (const file of files) {
      const raw = fromUs(await readFile(join(file.parentPath, file.name)));
      const { status, body } = await service.api.send(raw, ['success@simulator.amazonses.com']);
      const expected = expectedRefusal(raw);
      if (status === 202) {
        submitted.set(body.id, raw);
        if (expected !== undefined)
          disagreements.push(`${file.name}: accepted, but has ${expected}`);
      } else {
        expect(status, body.detail).toBe(422);
        expect(body.detail).toMatch(/\w+ .*\w/);
        refusals[expected ?? 'unexpected'] = (refusals[expected ?? 'unexpected'] ?? 0) + 1;
        if (expected === undefined) disagreements.push(`${file.name}: refused: ${body.detail}`);
      }
    }
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

    const bodies = [...submitted.values()].map(bodyOf).sort();
    expect(mails.map(({ raw }) => bodyOf(raw)).sort()).toEqual(bodies);

    const verified = await acceptedByTwo(mails);
    console.log(
      `corpus: ${submitted.size} signed and accepted twice over (${verified}), refused: ${JSON.stringify(refusals)}`,
    );
  },
);

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

/**
 * Expects two verifiers to accept each mail, on both files of the outbox. Haraka's fails bodies
 * that are empty or only white space for any signer, so that dkimpy, where installed, is the third.
 */
async function acceptedByTwo(mails: readonly OutboxMail[]): Promise<string> {
  const { dnsPort } = service;
  const third = await dkimpy(dnsPort);
  if (third === undefined)
    console.warn('\nSKIPPED: dkimpy is not installed (python3-dkim); verified without it.\n');
  const both = mails.flatMap(({ raw, delivered }) => [raw, delivered]);
  const verdicts = {
    mailauth: await mailauth(dnsPort)(both, 'example.com'),
    haraka: await haraka(dnsPort)(both, 'example.com'),
    ...(third === undefined ? {} : { dkimpy: await third(both, 'example.com') }),
  };
  const rejected = both.flatMap((raw, index) => {
    const answers = Object.entries(verdicts).map(([name, list]) => `${name}: ${list[index]}`);
    const passes = answers.filter((answer) => answer.endsWith(': pass')).length;
    const blankBody = bodyOf(raw).trim() === '' && third === undefined;
    return passes >= (blankBody ? 1 : 2)
      ? []
      : [`${answers.join(', ')}\n${raw.toString('latin1').slice(0, 500)}`];
  });
  expect(rejected).toEqual([]);
  return Object.entries(verdicts)
    .map(
      ([name, list]) =>
        `${name} ${list.filter((verdict) => verdict === 'pass').length} of ${list.length}`,
    )
    .join(', ');
}
