import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { type DkimResult, verifyMessage } from '#shared/core/dkim/verify.ts';
import { isLong } from '../../../support/long.ts';
import { dnsOf, ed25519Key, now, rsaKey } from './keys.ts';
import { verifyByMailauth } from './mailauth.ts';
import { mutatedMessages } from './mutations.ts';

const weak = generateKeyPairSync('rsa', { modulusLength: 768 }).publicKey;
const records = {
  'rsa._domainkey.b.example': rsaKey.record,
  'ed._domainkey.b.example': ed25519Key.record,
  'strict._domainkey.b.example': `${ed25519Key.record}; t=s`,
  'weak._domainkey.b.example': composeKeyRecord(
    weak.export({ type: 'spki', format: 'der' }),
    'rsa-sha256',
  ),
  'revoked._domainkey.b.example': 'v=DKIM1; p=',
  'broken._domainkey.b.example': 'v=DKIM1; p=?',
};

/**
 * Results that mailauth may give for ours. It says neutral where there is no usable key, and checks
 * the body hash first; we say policy and neutral without those checks.
 */
const sameByOtherName: Record<DkimResult['result'], string[]> = {
  none: ['none'],
  pass: ['pass'],
  fail: ['fail'],
  temperror: ['temperror'],
  permerror: ['neutral', 'policy'],
  policy: ['policy', 'fail', 'neutral'],
  neutral: ['neutral', 'fail', 'policy'],
};

/**
 * The message with what is not base64, and what follows its padding, taken out of `b=`: mailauth
 * passes over it, while RFC 6376 §3.5
 * and §6.1.1 have it a syntax error.
 */
function withCleanSignatures(message: Buffer): Buffer {
  const text = message.toString('latin1').replace(
    /(DKIM-Signature:[^]*?;[ \t\r\n]*b[ \t\r\n]*=)([^;]*?)(?=;|\r?\n[!-9;-~]+[ \t]*:)/g,
    (_, tag: string, signature: string) =>
      tag +
      signature
        .replaceAll('-', '+')
        .replaceAll('_', '/')
        .replace(/[^A-Za-z0-9+/=]/g, '')
        .replace(/=.*/, ''),
  );
  return Buffer.from(text, 'latin1');
}

/**
 * Returns true if mailauth reads the message against the RFCs. It removes white space before the
 * first field and a CR before the end of the header. It takes a colon at the start of a line to
 * belong to the name above.
 */
function isReadOtherwise(message: Buffer): boolean {
  return /^[ \t]|\n:|\r\r\n(?:\r\n|$)/.test(message.toString('latin1'));
}

const MESSAGES = isLong ? 50_000 : 2_500;

test(`agrees with mailauth on ${MESSAGES} signed and mutated messages`, async () => {
  let passed = 0;
  let stricter = 0;
  const differences: string[] = [];
  for (const message of fc.sample(mutatedMessages, { numRuns: MESSAGES, seed: 20_261_123 })) {
    if (isReadOtherwise(message)) continue;
    const ours = await verifyMessage(message, dnsOf(records), now);
    const theirs = await verifyByMailauth(message, records, now);
    const differs = (what: string) =>
      differences.push(`${what} in ${JSON.stringify(message.toString('latin1'))}`);
    if (ours.length !== theirs.length) differs(`${ours.length} not ${theirs.length} signatures`);
    for (const [i, { result, reason }] of ours.entries()) {
      const other = theirs[i]?.result ?? 'nothing';
      if (other === 'pass' && result === 'neutral') {
        const cleaned = await verifyMessage(withCleanSignatures(message), dnsOf(records), now);
        if (cleaned[i]?.result !== 'pass') differs(`${result} (${reason}) not ${other}`);
        stricter += 1;
      } else {
        if (!sameByOtherName[result].includes(other)) differs(`${result} (${reason}) not ${other}`);
        if (other === 'pass') passed += 1;
      }
    }
  }
  expect(differences).toEqual([]);
  // the comparison means something only where much passes, much fails, and little is left to us
  expect(passed / MESSAGES).toBeGreaterThan(0.3);
  expect(passed / MESSAGES).toBeLessThan(0.7);
  expect(stricter / MESSAGES).toBeLessThan(0.015);
}, 600_000);
