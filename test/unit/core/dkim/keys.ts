import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import type { Algorithm } from '#shared/core/dkim/algorithm.ts';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import type { TxtAnswer, TxtResolver } from '#shared/core/dkim/resolver.ts';

export interface TestKey {
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The published TXT record. */
  readonly record: string;
}

function testKey(
  algorithm: Algorithm,
  pair: { privateKey: KeyObject; publicKey: KeyObject },
): TestKey {
  const record = composeKeyRecord(
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    algorithm,
  );
  return { algorithm, ...pair, record };
}

export const rsaKey = testKey('rsa-sha256', generateKeyPairSync('rsa', { modulusLength: 2048 }));
export const ed25519Key = testKey('ed25519-sha256', generateKeyPairSync('ed25519'));

/** 2026-11-23 06:00:00 UTC. */
export const now = 1_795_413_600;

/** DNS with these answers and no others; a text is one TXT record. */
export function dnsOf(answers: Record<string, string | TxtAnswer>): TxtResolver {
  return async (name) => {
    const answer = answers[name];
    if (answer === undefined) return { kind: 'none' };
    return typeof answer === 'string' ? { kind: 'records', texts: [answer] } : answer;
  };
}
