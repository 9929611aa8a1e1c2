import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmsClient } from '#shared/adapters/aws/key-forge.ts';
import { kmsSecretBox } from '#shared/adapters/aws/secret-box.ts';
import type { SecretBox, SecretContext } from '#shared/app/ports/secret-box.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { createKms, type Kms } from '../../local/aws/kms.ts';
import { MemorySecretBox } from '../fakes/secret-box.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  REGION,
  remove,
  temporaryDirectory,
} from '../local/aws/stand-ins.ts';

const context: SecretContext = { purpose: 'webhook', tenant: 't_a', id: 'wh_a' };

function contract(make: () => SecretBox) {
  test('what is sealed opens with its context, and does not show', async () => {
    const box = make();
    const sealed = await box.seal('whsec_ü', context);
    expect(Buffer.from(sealed).includes('whsec_ü')).toBe(false);
    expect(await box.open(sealed, context)).toBe('whsec_ü');
  });

  test.each(['purpose', 'tenant', 'id'] as const)('a secret is bound to its %s', async (field) => {
    const box = make();
    const sealed = await box.seal('whsec_x', context);
    const other = { ...context, [field]: 'other' };
    await expect(box.open(sealed, other)).rejects.toThrow(Error);
  });

  test.each([1, 4_095, 4_096, 4_097, 300_000])('%d octets are sealed', async (length) => {
    const box = make();
    const secret = 'x'.repeat(length);
    const sealed = await box.seal(secret, context);
    expect(Buffer.from(sealed).includes('xxxxxx')).toBe(false);
    expect(await box.open(sealed, context)).toBe(secret);
    await expect(box.open(sealed, { ...context, id: 'other' })).rejects.toThrow(Error);
  });
}

describe('the secret box in memory', () => {
  contract(() => new MemorySecretBox());
});

describe('the secret box on KMS', () => {
  const stateDir = temporaryDirectory();
  let kms: Kms;
  let gateway: Gateway;
  let box: SecretBox;
  beforeAll(async () => {
    kms = createKms({ stateDir, region: REGION, accountId: ACCOUNT, keyPairsInStock: 0 });
    const key = kms.putKey({
      keyId: '6a1f0f5e-0f5e-4f5e-8f5e-6a1f0f5e6a1f',
      description: 'Seals',
      policy: {},
    });
    gateway = await gatewayFor({ kms: kms.handle });
    box = kmsSecretBox(kmsClient(clientConfig(gateway)), key);
  });
  afterAll(async () => {
    await gateway.close();
    kms.close();
    remove(stateDir);
  });

  contract(() => box);
});
