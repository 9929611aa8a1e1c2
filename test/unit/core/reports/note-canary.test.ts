import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CanaryArrival } from '#shared/app/ports/canary-arrivals.ts';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { canaryAddress, canaryIdOf } from '#shared/core/mail/canary.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { reportsHost } from '#shared/core/model/deployment.ts';
import { noteCanary } from '../../../../lambdas/reports/note-canary.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import { FakeDns } from '../../../fakes/resolver.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const value = composeKeyRecord(
  pair.publicKey.export({ type: 'spki', format: 'der' }),
  'rsa-sha256',
);
const now = new Date('2026-11-30T12:00:05.000Z');
const id = canaryIdOf(Buffer.alloc(16, 5));
const to = canaryAddress(id, reportsHost(deployment.zone));

/** @param signer the domain that signs */
function signed(signer: string): Buffer {
  const raw = Buffer.from(
    `From: canary@example.com\r\nTo: ${to}\r\nSubject: Canary ${id}\r\n\r\nA canary.\r\n`,
  );
  const field = signMessage(parseMessage(raw), {
    domain: signer,
    selector: 'k',
    key: pair.privateKey,
    profile: sesProfile,
    time: Math.floor(now.getTime() / 1_000),
  });
  return Buffer.concat([Buffer.from(field), raw]);
}

async function note(raw: Buffer | undefined, { recipients = [to], silent = false } = {}) {
  const dns = new FakeDns();
  for (const zone of ['example.com', 'example.org']) {
    dns.zone(zone, [{ name: `k._domainkey.${zone}`, type: 'TXT', value }]);
    if (silent) dns.silence(zone);
  }
  const noted: CanaryArrival[] = [];
  const isCanary = await noteCanary(
    { key: 'reports/x', recipients, source: '', spfPassed: false },
    {
      deployment,
      mails: { get: async () => raw },
      arrivals: { note: async (arrival) => void noted.push(arrival) },
      resolver: dns,
      clock: { now: () => now },
    },
  );
  return { isCanary, noted };
}

test('a canary is noted, with its signature verified as a receiver does', async () => {
  expect(await note(signed('example.com'))).toEqual({
    isCanary: true,
    noted: [{ id, at: now.toISOString(), verified: true }],
  });
});

test.each([
  ['is signed by another domain', signed('example.org')],
  ['was changed', Buffer.concat([signed('example.com'), Buffer.from('more\r\n')])],
  ['is not signed', Buffer.from('From: canary@example.com\r\n\r\nA canary.\r\n')],
])('a canary that %s does not verify', async (_, raw) => {
  expect((await note(raw)).noted).toMatchObject([{ verified: false }]);
});

test('silent name servers have it tried again', async () => {
  await expect(note(signed('example.com'), { silent: true })).rejects.toThrow('DNS did not answer');
});

test('any other mail is left to the reports', async () => {
  const recipients = [`${'a'.repeat(26)}@${reportsHost(deployment.zone)}`];

  expect(await note(undefined, { recipients })).toEqual({ isCanary: false, noted: [] });
});
