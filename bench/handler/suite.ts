import { hash, sign } from 'node:crypto';
import { sendBatch } from '../../lambdas/signer/send-batch.ts';
import { allocateMail } from '#shared/core/mail/room.ts';
import type { Line } from '../lib/line.ts';
import { instantTestEnvironment, privateKey } from './test-environment.ts';

const sizes: [string, number][] = [
  ['2 KB', 2_000],
  ['20 KB', 20_000],
  ['200 KB', 200_000],
  ['4 MB', 4_000_000],
];
const settings = {
  unsignedAllowed: new Set<string>(),
  leaseSeconds: 60,
  unclearSeconds: 900,
  unclearPolicy: 'resend' as const,
  holdHours: 4,
};
const WINDOWS = 12;
const WINDOW_MS = 120;

/**
 * Measures the signer for one message of a batch of ten, from the SQS body to the noted outcome,
 * with ports that answer at once. The limit beside it is one RSA signature and one SHA-256 of the
 * mail.
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  for (const [name, size] of sizes) {
    const raw = givenMail(size);
    const { ports, works, sentSoFar } = instantTestEnvironment(raw);
    const batch = async () => {
      const deadline = new Date(Date.now() + 60_000);
      const before = sentSoFar();
      const { failed } = await sendBatch(ports, settings, works, deadline);
      const sent = sentSoFar() - before;
      if (failed.length > 0 || sent !== works.length) {
        throw new Error(`the signer sent ${sent} of ${works.length} mails`);
      }
      return works.length;
    };
    const limit = async () => {
      sign('sha256', hash('sha256', raw, 'buffer'), privateKey);
      return 1;
    };
    // Interleaved, and the best window of each, since the machine is not ours alone.
    let ours = Infinity;
    let least = Infinity;
    for (let window = 0; window < WINDOWS; window += 1) {
      ours = Math.min(ours, await timePerMessage(batch));
      least = Math.min(least, await timePerMessage(limit));
    }
    const line = { suite: 'handler', case: name, subject: 'sender-domains', unit: 'µs/message' };
    emit({ ...line, value: ours, limitRatio: ours / least });
    emit({ ...line, subject: 'limit', value: least });
  }
}

/** Microseconds a message over one window. */
async function timePerMessage(step: () => Promise<number>): Promise<number> {
  const start = performance.now();
  let messages = 0;
  do messages += await step();
  while (performance.now() - start < WINDOW_MS);
  return ((performance.now() - start) * 1000) / messages;
}

/** A mail of about so many octets, of quoted-printable lines. */
function givenMail(size: number): Buffer {
  const header = [
    'From: Ann <ann@example.com>',
    'To: Bob <bob@example.net>',
    'Subject: A mail of the bench',
    'Date: Fri, 20 Nov 2026 10:00:00 +0000',
    'Message-ID: <1@example.com>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
  ].join('\r\n');
  const line = 'The quick brown fox jumps over the lazy dog =E2=80=94 and over it again.=\r\n';
  const text = `${header}\r\n\r\n${line.repeat(Math.max(1, size / line.length))}`;
  // In memory as it is read from S3.
  const mail = allocateMail(text.length);
  mail.write(text, 'latin1');
  return mail;
}
