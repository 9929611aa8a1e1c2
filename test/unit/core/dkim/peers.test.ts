import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';
import { bodyOf, relaxedByTheBook } from './by-the-book.ts';
import { now, rsaKey } from './keys.ts';

// The verifiers that Debian has: python3-dkim, libmail-dkim-perl, libopendkim-dev with gcc. Where
// one is not installed its tests are skipped with a warning; where CI is set, they fail. Each gets
// the time of signing.

const script = (name: string): string => fileURLToPath(new URL(`peers/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dkim-peers-'));
const messages = join(folder, 'messages');
const opendkim = join(folder, 'opendkim');

const header =
  'From: Alice <a@b.example>\r\nTo: c@d.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n';

/**
 * Messages that pass the submission channel and have their last line end, as every message that
 * comes by SMTP.
 */
const cases: Record<string, string> = {
  plain: `${header}\r\nHello,\r\n  World  \r\n\r\n`,
  'no-body': `${header}\r\n`,
  'only-crlf': `${header}\r\n\r\n\r\n\r\n`,
  'only-white-space': `${header}\r\n \t \r\n`,
  'trailing-white-space': `${header}\r\nx\r\n \r\n\t\r\n`,
  '8-bit-body': `${header}\r\nGr\u00c3\u00bc\u00c3\u009fe \u00fc \r\n`,
  'nbsp-ff-vt': `${header}\r\nx\u00a0 \f \v\u00a0\r\n`,
  'fold-after-colon': `${header}Cc:\r\n x@b.example\r\n\r\nx\r\n`,
  'white-space-before-colon': `${header}Cc \t: x@b.example\r\n\r\nx\r\n`,
  'fold-of-white-space': `${header}Cc: x@b.example\r\n \t\r\n ,y@b.example\r\n\r\nx\r\n`,
  'mixed-case': `${header.replace('Subject', 'sUbJeCt').replace('From', 'FROM')}\r\nx\r\n`,
  'empty-values': `${header}Cc:\r\nReply-To: \r\nSender:\t\r\n\r\nx\r\n`,
  duplicates: `${header}List-Id: <1>\r\nX: y\r\nList-Id: <2>\r\n\r\nx\r\n`,
  'many-fields': `${'X-Filler: y\r\n'.repeat(500)}${header}\r\nx\r\n`,
  'long-field': `${header}References: ${`<${'x'.repeat(70)}>\r\n `.repeat(500)}<y>\r\n\r\nx\r\n`,
  dots: `${header}\r\n.\r\n..\r\n`,
  'large-body': `${header}\r\n${'Lorem  ipsum \t dolor\r\n'.repeat(20_000)}`,
};

beforeAll(() => {
  mkdirSync(messages);
  const bodies = fc
    .sample(bodyOf, { numRuns: 200, seed: 1 })
    .map((body) => relaxedByTheBook(body).toString('latin1'));
  // white space put back in, so that there is something to canonicalize; no octets that the submission channel refuses
  const random = bodies.map((body): [string, string] => [
    '',
    `${header}\r\n${body.replace(/\r(?!\n)|\0/g, '').replaceAll('a', ' \t ')}`,
  ]);
  for (const [i, [name, text]] of [...Object.entries(cases), ...random].entries()) {
    const message = prepareForSes(parseMessage(Buffer.from(text, 'latin1')));
    const signature = signMessage(message, {
      domain: 'b.example',
      selector: 'zero',
      key: rsaKey.privateKey,
      profile: sesProfile,
      time: now - 86_400,
    });
    writeFileSync(
      join(messages, `${String(i).padStart(3, '0')}-${name || 'random'}.eml`),
      assemble(signature, message),
    );
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Returns a verifier's output, a line a message. */
function verdictsOf(command: string, args: string[]): string[] {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    .trim()
    .split('\n');
}

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

const python = ['/usr/bin/python3', 'python3'].find((command) =>
  runs(command, ['-c', 'import dkim']),
);
/** Verifies every message as of a time, seconds since 1970. */
type Verify = (time: number) => string[];

const peers: [name: string, installed: boolean, verify: Verify][] = [
  [
    'dkimpy',
    python !== undefined,
    (time) => verdictsOf(python!, [script('dkimpy.py'), String(time), messages, rsaKey.record]),
  ],
  [
    'Mail::DKIM',
    runs('perl', ['-MMail::DKIM', '-e1']),
    (time) => verdictsOf('perl', [script('mail-dkim.pl'), String(time), messages, rsaKey.record]),
  ],
  [
    'libopendkim',
    runs('gcc', ['-o', opendkim, script('opendkim.c'), '-lopendkim']),
    (time) => {
      const keys = join(folder, 'keys');
      writeFileSync(keys, `zero._domainkey.b.example ${rsaKey.record}\n`);
      return verdictsOf(opendkim, [
        String(time),
        keys,
        ...readdirSync(messages).map((name) => join(messages, name)),
      ]);
    },
  ],
];

describe.each(peers)('%s', (name, installed, verify) => {
  if (!installed && process.env['CI'] === undefined)
    console.warn(`${name} is not installed: its acceptance of our signatures is NOT tested here.`);
  test.skipIf(!installed && process.env['CI'] === undefined)(
    'accepts every signature',
    () => {
      expect(installed, `${name} must be installed where CI is set`).toBe(true);
      const verdicts = verify(now);
      expect(verdicts).toHaveLength(Object.keys(cases).length + 200);
      expect(verdicts.filter((line) => !line.endsWith(' pass'))).toEqual([]);
    },
    60_000,
  );

  test.skipIf(!installed)('accepts none that has expired, by the time that it is given', () => {
    const verdicts = verify(now + 8 * 86_400);
    expect(verdicts).toHaveLength(Object.keys(cases).length + 200);
    expect(verdicts.filter((line) => line.endsWith(' pass'))).toEqual([]);
  });
});
