import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { verifyMessage } from '#shared/core/dkim/verify.ts';
import type { Line } from '../lib/line.ts';
import { table } from '../lib/table.ts';
import { debianPeers } from './debian.ts';
import { canonicalBodyOf, makeMessage, sizes } from './messages.ts';
import { makeChild } from './processes.ts';
import { type BenchKey, type Subject, limitOf, npmPeers, ourSubjects } from './subjects.ts';
import { measureByTurns } from './windows.ts';

type Emit = (line: Line) => void;

/**
 * Measures signing beside the limit (one RSA signature, and SHA-256 of the canonical body) and
 * beside other signers. It prints messages a second by size, clean and with half of the lines not
 * canonical. Peak memory at 10 MB and the first signature of a new process follow.
 */
export async function run(emit: Emit): Promise<void> {
  const scratch = fileURLToPath(new URL('../../.local', import.meta.url));
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'bench-signing-'));
  // at the exit, so that it goes even where the bench ends before its time
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await measureSpeed(emit, folder);
  await measureProcesses(emit, folder);
}

async function measureSpeed(emit: Emit, folder: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key: BenchKey = {
    key: privateKey,
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const record = composeKeyRecord(publicKey.export({ type: 'spki', format: 'der' }), 'rsa-sha256');
  const keyFile = join(folder, 'key.pem');
  const messageFile = join(folder, 'message.eml');
  writeFileSync(keyFile, key.pem);
  const subjects = [...ourSubjects(key), ...npmPeers(key)];
  const outside = await debianPeers(keyFile, folder);
  try {
    for (const [size, octets] of sizes) {
      for (const kind of ['clean', 'non-canonical']) {
        const message = makeMessage(octets, kind === 'non-canonical');
        for (const subject of subjects) await checkSignature(subject, message, record);
        const limit = { name: 'limit', run: limitOf(canonicalBodyOf(message), key) };
        const byTurns = subjects.map((subject) => ({
          name: subject.name,
          run: () => subject.sign(message),
        }));
        const measured = await measureByTurns([limit, ...byTurns], 4, 25);
        writeFileSync(messageFile, message);
        for (const { name, measure } of outside) {
          measured.push({ name, nanoseconds: await measure(messageFile, message) });
        }
        const least = measured[0]!.nanoseconds;
        for (const { name, nanoseconds } of measured) {
          const limitRatio = nanoseconds / least;
          requirePossible(name, limitRatio);
          emit({
            suite: 'signing',
            case: `${size} ${kind}`,
            subject: name,
            value: 1e9 / nanoseconds,
            unit: 'messages/s',
            limitRatio,
          });
        }
      }
    }
  } finally {
    for (const { stop } of outside) stop();
  }
}

/** @throws Error where the signature does not verify: who does not sign is not measured as a signer */
async function checkSignature(subject: Subject, message: Buffer, record: string): Promise<void> {
  const signed = Buffer.concat([Buffer.from(await subject.sign(message)), message]);
  const dns = () => Promise.resolve({ kind: 'records' as const, texts: [record] });
  const [result] = await verifyMessage(signed, dns, Date.now() / 1_000 + 1);
  if (result?.result === 'pass') return;
  const what = `${result?.result}, ${result?.reason}`;
  throw new Error(
    `${subject.name} on ${message.length} octets: its signature does not verify: ${what}`,
  );
}

/** Nothing signs in less than its one signature and hash take; some room is left for noise. */
const LEAST_RATIO = 0.97;

/** @throws Error where a figure cannot be true */
function requirePossible(name: string, ratio: number): void {
  if (ratio >= LEAST_RATIO) return;
  const shown = ratio.toFixed(2);
  throw new Error(
    `${name} at ${shown} of the limit cannot be: it did not sign, or the limit was disturbed.`,
  );
}

const MEGABYTE = 1e6;

async function measureProcesses(emit: Emit, folder: string): Promise<void> {
  const child = await makeChild(folder);
  const keyFile = join(folder, 'key.pem');
  const messageFile = join(folder, 'message.eml');
  const alone = child('node alone', messageFile, keyFile, 1);
  const subjects = ['limit', 'sender-domains', 'mailauth', 'nodemailer'];

  const large = makeMessage(10_000_000, false);
  writeFileSync(messageFile, large);
  emit({
    suite: 'signing',
    case: '10 MB peak memory',
    subject: 'node alone',
    value: alone.peak / MEGABYTE,
    unit: 'MB',
  });
  for (const subject of subjects) {
    const { peak } = child(subject, messageFile, keyFile, 10);
    emit({
      suite: 'signing',
      case: '10 MB peak memory',
      subject,
      value: peak / MEGABYTE,
      unit: 'MB',
    });
    const over = (peak - alone.peak - large.length) / MEGABYTE;
    if (over < -1) throw new Error(`${subject} cannot hold the message in less than its size.`);
    emit({
      suite: 'signing',
      case: '10 MB memory over Node and message',
      subject,
      value: over,
      unit: 'MB',
    });
  }

  writeFileSync(messageFile, makeMessage(2_000, false));
  for (const subject of subjects) {
    const { load, first } = child(subject, messageFile, keyFile, 1);
    emit({ suite: 'signing', case: '2 KB cold import', subject, value: load, unit: 'ms' });
    emit({ suite: 'signing', case: '2 KB first signature', subject, value: first, unit: 'ms' });
  }
}

if (process.argv[1] === import.meta.filename) {
  const lines: Line[] = [];
  await run((line) => lines.push(line));
  console.log(table('signing', lines));
}
