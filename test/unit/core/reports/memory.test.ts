import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_GROUPS } from '#shared/core/reports/aggregates.ts';
import { givenMail, givenXml, zipOfGzip } from './given-mail.ts';

const LIMIT_MB = 256;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly reason?: string;
  readonly rows?: number;
  readonly messages?: number;
  readonly groups?: number;
  /** The most memory that the process had. */
  readonly megabytes: number;
}

/**
 * What the work needs, not what garbage adds while a busy machine puts off its collection: a heap that
 * is full is collected before it grows, and ends the process where that is not enough.
 */
const HEAP = ['--max-old-space-size=128', '--max-semi-space-size=4'];

/** Reads a mail in a process of its own, so that its memory can be measured. */
function readIn(mail: Buffer): Outcome {
  const file = join(folder, 'mail');
  writeFileSync(file, mail);
  const script = join(import.meta.dirname, 'read-in-process.ts');
  return JSON.parse(
    execFileSync(process.execPath, [...HEAP, script, file], { encoding: 'utf8' }),
  ) as Outcome;
}

/**
 * A gzip of so many megabytes that repeat a text. The text is deflated once, up to a full flush, which
 * refers to nothing before it, so that what comes out can be repeated too.
 */
function bomb(begin: string, repeated: string, megabytes: number): Buffer {
  const block = Buffer.from(repeated.repeat(Math.ceil(1_000_000 / repeated.length)));
  const flushed = { finishFlush: constants.Z_FULL_FLUSH };
  const deflated = deflateRawSync(block, flushed);
  let crc = crc32(begin);
  for (let n = 0; n < megabytes; n += 1) crc = crc32(block, crc);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE((Buffer.byteLength(begin) + block.length * megabytes) % 2 ** 32, 4);
  return Buffer.concat([
    gzipSync('').subarray(0, 10),
    deflateRawSync(begin, flushed),
    ...Array<Buffer>(megabytes).fill(deflated),
    deflateRawSync(''),
    trailer,
  ]);
}

const begin = givenXml([]).replace('</feedback>', '');

test('a bomb of 1 GB, of rows and of white space, is given up within 256 MB', () => {
  const row = /<record>.*<\/record>/.exec(givenXml())?.[0] as string;
  for (const [repeated, reason] of [
    [row, 'decompressed-too-large'],
    ['<a></a>', 'decompressed-too-large'],
    [' \n', 'malformed'],
  ] as const) {
    const gzip = bomb(begin, repeated, 1_000);
    for (const content of repeated === row ? [gzip, zipOfGzip(gzip)] : [gzip]) {
      const outcome = readIn(givenMail({ content }));
      expect(outcome.reason).toBe(reason);
      expect(outcome.megabytes).toBeLessThan(LIMIT_MB);
      console.log(`${content.length} bytes of 1 GB: ${reason}, ${outcome.megabytes.toFixed(0)} MB`);
    }
  }
}, 120_000);

test('50,000 rows of as many addresses are summed within 256 MB, the least ones without address', () => {
  const rows = Array.from({ length: 50_000 }, (_, n) => ({
    ip: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
    count: 2,
  }));
  const outcome = readIn(givenMail({ content: gzipSync(givenXml(rows)) }));
  expect(outcome).toMatchObject({ rows: 50_000, messages: 100_000 });
  expect(outcome.groups).toBe(MAX_GROUPS + 1);
  expect(outcome.megabytes).toBeLessThan(LIMIT_MB);
  console.log(`50,000 rows: ${outcome.megabytes.toFixed(0)} MB`);
});

test('100 MB of XML with a row in every 300 bytes stay within 256 MB', () => {
  const rows = Array.from({ length: 215_000 }, (_, n) => ({
    ip: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
    envelope: `e${n}.example`,
  }));
  const xml = Buffer.from(givenXml(rows));
  expect(xml.length).toBeGreaterThan(90_000_000);
  const outcome = readIn(givenMail({ content: gzipSync(xml) }));
  expect(outcome).toMatchObject({ rows: 215_000, messages: 215_000 });
  expect(outcome.megabytes).toBeLessThan(LIMIT_MB);
  console.log(`${xml.length} bytes of XML: ${outcome.megabytes.toFixed(0)} MB`);
}, 60_000);
