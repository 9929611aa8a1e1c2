import { createPublicKey, sign, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kmsClient, kmsKeyForge } from '#shared/adapters/aws/key-forge.ts';
import { kmsKeyVault } from '#shared/adapters/aws/key-vault.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { KeyAlgorithm, KeyContext } from '#shared/core/model/key-ring.ts';
import { Undecipherable, type KeyForge, type KeyVault } from '#shared/app/ports/key-vault.ts';
import { errorResponse } from '../../local/aws/errors.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { AwsError } from '../../local/aws/http.ts';
import { createKms } from '../../local/aws/kms.ts';
import { MemoryKeyForge, newWrappingKey } from '../fakes/key-forge.ts';
import { MemoryKeyVault } from '../fakes/key-vault.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  REGION,
  remove,
  temporaryDirectory,
} from '../local/aws/stand-ins.ts';

const context: KeyContext = {
  tenant: 't_a',
  domain: 'example.com',
  selector: 'zero',
  keyId: 'k_a',
};

function contract(make: () => { forge: KeyForge; vault: KeyVault }) {
  let forge: KeyForge;
  let vault: KeyVault;
  beforeEach(() => {
    ({ forge, vault } = make());
  });

  test.each<[KeyAlgorithm, string | null]>([
    ['rsa-sha256', 'sha256'],
    ['ed25519-sha256', null],
  ])('what an unwrapped %s key signs, the public half verifies', async (algorithm, digest) => {
    const { publicKeySpki, wrappedPrivateKey } = await forge.generate(algorithm, context);
    const key = await vault.unwrap(wrappedPrivateKey, context);
    expect(key.type).toBe('private');
    const publicKey = createPublicKey({ key: publicKeySpki, format: 'der', type: 'spki' });
    const signature = sign(digest, Buffer.from('octets'), key);
    expect(verify(digest, Buffer.from('octets'), publicKey, signature)).toBe(true);
  });

  test.each(['tenant', 'domain', 'selector', 'keyId'] as const)(
    'a key is bound to its %s',
    async (field) => {
      const { wrappedPrivateKey } = await forge.generate('ed25519-sha256', context);
      const other = { ...context, [field]: 'other' };
      const failure = await vault.unwrap(wrappedPrivateKey, other).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Undecipherable);
    },
  );

  test('a wrapped key that was tampered with is refused', async () => {
    const { wrappedPrivateKey } = await forge.generate('ed25519-sha256', context);
    const last = wrappedPrivateKey.length - 1;
    wrappedPrivateKey[last] = wrappedPrivateKey[last]! ^ 1;
    await expect(vault.unwrap(wrappedPrivateKey, context)).rejects.toThrow(Undecipherable);
  });
}

describe('in memory', () => {
  const wrappingKey = newWrappingKey();
  contract(() => ({
    forge: new MemoryKeyForge(wrappingKey),
    vault: new MemoryKeyVault(wrappingKey),
  }));
});

describe('on KMS', () => {
  const stateDir = temporaryDirectory();
  const kms = createKms({ stateDir, region: REGION, accountId: ACCOUNT, keyPairsInStock: 0 });
  const wrappingKey = kms.putKey({
    keyId: '6f0f1e4c-0f5b-4a63-9b7f-0d6a3f1c2b7e',
    description: 'wraps',
    policy: {},
  });
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayFor({ kms: kms.handle });
  });
  afterAll(async () => {
    await gateway.close();
    kms.close();
    remove(stateDir);
  });
  contract(() => {
    const client = kmsClient(clientConfig(gateway));
    return { forge: kmsKeyForge(client, wrappingKey), vault: kmsKeyVault(client, wrappingKey) };
  });

  /** The vault's error where KMS answers so. */
  async function failureOf(code: string, status: number): Promise<unknown> {
    const failing = await gatewayFor({
      kms: async () => errorResponse(new AwsError(code, 'as planted', status), 'json'),
    });
    const vault = kmsKeyVault(kmsClient(clientConfig(failing)), wrappingKey);
    try {
      return await vault.unwrap(Buffer.from('wrapped'), context).catch((error: unknown) => error);
    } finally {
      await failing.close();
    }
  }

  test.each([
    ['ThrottlingException', 400],
    ['DisabledException', 400],
    ['KMSInvalidStateException', 400],
    ['KeyUnavailableException', 500],
    ['KMSInternalException', 500],
    ['DependencyTimeoutException', 503],
  ])('%s means to wait', async (code, status) => {
    expect(await failureOf(code, status)).toBeInstanceOf(Throttled);
  });

  test.each([
    ['AccessDeniedException', 400],
    ['NotFoundException', 400],
  ])('%s does not get better by waiting', async (code, status) => {
    const failure = await failureOf(code, status);
    expect(failure).toMatchObject({ name: code });
    expect(failure).not.toBeInstanceOf(Throttled);
  });

  test('a KMS that cannot be reached means to wait', async () => {
    const gone = await gatewayFor({ kms: kms.handle });
    await gone.close();
    const vault = kmsKeyVault(kmsClient(clientConfig(gone)), wrappingKey);
    await expect(vault.unwrap(Buffer.from('wrapped'), context)).rejects.toThrow(Throttled);
  });
});
