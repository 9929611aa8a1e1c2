import { randomBytes } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kmsClient, kmsKeyForge } from '#shared/adapters/aws/key-forge.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { KeyContext } from '#shared/core/model/key-ring.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import { createKms } from '../../local/aws/kms.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { MemoryKeyForge, newWrappingKey } from '../fakes/key-forge.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  REGION,
  remove,
  temporaryDirectory,
} from '../local/aws/stand-ins.ts';

const givenContext = (): KeyContext => ({
  tenant: 't_a',
  domain: 'example.com',
  selector: 'zero',
  keyId: `k_${randomBytes(4).toString('hex')}`,
});

function contract(make: () => KeyForge) {
  let forge: KeyForge;
  beforeEach(() => {
    forge = make();
  });

  test('an RSA pair is of 2,048 bits, its public half as SPKI', async () => {
    const { publicKeySpki } = await forge.generate('rsa-sha256', givenContext());
    const key = createPublicKey({ key: publicKeySpki, format: 'der', type: 'spki' });
    expect(key.asymmetricKeyType).toBe('rsa');
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  test('an Ed25519 pair too', async () => {
    const { publicKeySpki } = await forge.generate('ed25519-sha256', givenContext());
    const key = createPublicKey({ key: publicKeySpki, format: 'der', type: 'spki' });
    expect(key.asymmetricKeyType).toBe('ed25519');
  });

  test('each pair is another, and its private half is nowhere in the clear', async () => {
    const context = givenContext();
    const one = await forge.generate('ed25519-sha256', context);
    const two = await forge.generate('ed25519-sha256', context);
    expect(one.publicKeySpki.equals(two.publicKeySpki)).toBe(false);
    // PKCS#8 of an Ed25519 key holds its OID, 1.3.101.112.
    expect(one.wrappedPrivateKey.includes(Buffer.from('06032b6570', 'hex'))).toBe(false);
  });
}

describe('in memory', () => {
  const wrappingKey = newWrappingKey();
  contract(() => new MemoryKeyForge(wrappingKey));
});

describe('on KMS', () => {
  const stateDir = temporaryDirectory();
  const kms = createKms({ stateDir, region: REGION, accountId: ACCOUNT, keyPairsInStock: 0 });
  const wrappingKey = kms.putKey({
    keyId: '6f0f1e4c-0f5b-4a63-9b7f-0d6a3f1c2b7e',
    description: 'wraps',
    policy: {},
  });
  const limited = createKms({
    stateDir,
    region: REGION,
    accountId: ACCOUNT,
    keyPairsInStock: 0,
    rateLimits: true,
    now: () => 0,
  });
  let gateway: Gateway;
  let limitedGateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayFor({ kms: kms.handle });
    limitedGateway = await gatewayFor({ kms: limited.handle });
  });
  afterAll(async () => {
    await Promise.all([gateway.close(), limitedGateway.close()]);
    kms.close();
    limited.close();
    remove(stateDir);
  });
  contract(() => kmsKeyForge(kmsClient(clientConfig(gateway)), wrappingKey));

  test('a throttle is known as one', async () => {
    const forge = kmsKeyForge(kmsClient(clientConfig(limitedGateway)), wrappingKey);
    const burst = Array.from({ length: 101 }, () =>
      forge.generate('ed25519-sha256', givenContext()),
    );
    const failures = (await Promise.allSettled(burst)).flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    expect(failures).toEqual([expect.any(Throttled)]);
  });
});
