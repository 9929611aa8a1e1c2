import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import type { Lookup, RecordType } from '#shared/core/model/lookup.ts';
import { receiveReport, type ReportPorts } from '../../../../lambdas/reports/receive.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { MemoryReportStore } from '../../../fakes/report-store.ts';
import { base64Lines, givenXml } from '../../core/reports/given-mail.ts';
import { TestEnvironment } from './test-environment.ts';

const reporters = ['reports@google.com', 'reports@yahoo.com'] as const;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const reporterKey = composeKeyRecord(
  pair.publicKey.export({ type: 'spki', format: 'der' }),
  'rsa-sha256',
);
/** The day that `givenXml` is about, and one before the new key was promoted. */
const NEW_KEY_DAY = 1_793_577_600;
const OLD_KEY_DAY = NEW_KEY_DAY - 3 * 86_400;
const DAY_SECONDS = 86_400;

let testEnvironment: TestEnvironment;
let claim: Claim;
let store: MemoryReportStore;
let failing: string[];

/** A domain whose second key signs since the run of November, and is in DNS as it should be. */
beforeEach(async () => {
  testEnvironment = new TestEnvironment({ start: '2026-10-01T00:00:00.000Z' });
  store = new MemoryReportStore();
  failing = [];
  claim = await testEnvironment.givenVerified({ domain: 'shop.example' as DomainName });
  testEnvironment.schedule('2026-11-01T03:00:00Z');
  await testEnvironment.until('2026-11-03T06:00:00Z');
});

/** A reporter's view of a day's mail through SES, signed with the key of a slot. */
async function log(from: string, day: number, selector: string, dkim: 'pass' | 'fail') {
  const xml = givenXml([{ count: 40, selector, dkim, spf: 'pass' }], `${from} ${day}`)
    .replace(`<begin>${NEW_KEY_DAY}<`, `<begin>${day}<`)
    .replace(`<end>${NEW_KEY_DAY + DAY_SECONDS - 1}<`, `<end>${day + DAY_SECONDS - 1}<`);
  const raw = Buffer.from(
    `From: Reports <${from}>\r\nMIME-Version: 1.0\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(gzipSync(xml))}\r\n`,
  );
  const time = testEnvironment.now.getTime() / 1_000;
  const reporter = from.split('@')[1]!;
  const signer = { domain: reporter, selector: 'k', key: pair.privateKey, profile: sesProfile };
  const signed = Buffer.concat([signMessage(parseMessage(raw), { ...signer, time }), raw]);
  const ports: ReportPorts = {
    deployment,
    reporters,
    claims: testEnvironment.claims,
    mails: { get: async () => signed },
    store,
    resolver: { lookup },
    rotationQueue: testEnvironment.rotationQueue,
    clock: testEnvironment.time.clock,
    log: (event) => {
      if (event.kind === 'key-failing') failing.push(event.failure.selector);
      else expect(event).toMatchObject({ kind: 'counted', outcome: 'added', reporter });
    },
  };
  const recipients = [`${claim.label}@reports.${deployment.zone}`];
  const mail = { key: from, recipients, source: `bounce@${reporter}`, spfPassed: false };
  await receiveReport(mail, ports);
}

async function lookup(name: string, type: RecordType): Promise<Lookup> {
  const isReporter = reporters.some((each) => name === `k._domainkey.${each.split('@')[1]}`);
  if (isReporter) return { outcome: 'ok', values: [reporterKey], cnames: [] };
  return testEnvironment.dns.lookup(name, type);
}

test('a new key that two receivers cannot verify gives way to the one before, by report and repair alone', async () => {
  expect((await testEnvironment.send(claim))?.selector).toBe('one');
  for (const from of reporters) await log(from, OLD_KEY_DAY, 'zero', 'pass');
  await log(reporters[0], NEW_KEY_DAY, 'one', 'fail');
  await testEnvironment.settle();
  expect((await testEnvironment.send(claim))?.selector).toBe('one');

  await log(reporters[1], NEW_KEY_DAY, 'one', 'fail');
  await testEnvironment.settle();
  expect(failing).toEqual(['one']);
  expect(await testEnvironment.states(claim)).toEqual(['zero current', 'one previous', 'two next']);
  const mail = (await testEnvironment.send(claim))!;
  expect(mail.selector).toBe('zero');
  expect(testEnvironment.verifies(mail)).toBe(true);
  expect(testEnvironment.events.filter(({ kind }) => kind === 'moved')).toMatchObject([
    { domain: 'shop.example', from: claim.keys[1].id, to: claim.keys[0].id },
  ]);
  expect(testEnvironment.dead).toEqual([]);
});

test('reports that come again after the step back move nothing more', async () => {
  for (const from of reporters) {
    await log(from, OLD_KEY_DAY, 'zero', 'pass');
    await log(from, NEW_KEY_DAY, 'one', 'fail');
  }
  await testEnvironment.settle();
  const stepped = await testEnvironment.claim(claim);
  for (const from of reporters) await log(from, NEW_KEY_DAY + 3_600, 'one', 'fail');
  await testEnvironment.settle();
  expect(await testEnvironment.claim(claim)).toEqual(stepped);
});

test('where the slot of the key before is broken meanwhile, the next one that is intact signs', async () => {
  testEnvironment.breakSlot(claim, claim.keys[0].selector);
  for (const from of reporters) {
    await log(from, OLD_KEY_DAY, 'zero', 'pass');
    await log(from, NEW_KEY_DAY, 'one', 'fail');
  }
  await testEnvironment.settle();
  const mail = (await testEnvironment.send(claim))!;
  expect(mail.selector).toBe('two');
  expect(testEnvironment.verifies(mail)).toBe(true);
});
