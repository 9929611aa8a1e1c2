import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  GenerateRandomCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import type { DataKeyPairSpec, SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createKms } from '../../../local/aws/kms.ts';
import type { Kms, KmsOptions } from '../../../local/aws/kms.ts';
import {
  ACCOUNT,
  REGION,
  clientConfig,
  gatewayFor,
  refusal,
  remove,
  temporaryDirectory,
} from './stand-ins.ts';

const KEY_ID = '6f0f1e4c-0f5b-4a63-9b7f-0d6a3f1c2b7e';
const CONTEXT = { tenant: 't1', domain: 'example.com', selector: 'zero', key: 'k1' };

let stateDir: string;
let kms: Kms;
let gateway: Gateway;
let client: KMSClient;
let now: number;

async function start(more: Partial<KmsOptions> = {}): Promise<void> {
  now = Date.UTC(2026, 0, 1);
  const clock = (): number => now;
  kms = createKms({
    stateDir,
    region: REGION,
    accountId: ACCOUNT,
    keyPairsInStock: 0,
    now: clock,
    ...more,
  });
  kms.putKey({ keyId: KEY_ID, description: 'wraps', policy: {}, aliases: ['alias/wrapping'] });
  gateway = await gatewayFor({ kms: kms.handle });
  client = new KMSClient(clientConfig(gateway));
}

async function stop(): Promise<void> {
  client.destroy();
  await gateway.close();
  kms.close();
}

beforeEach(async () => {
  stateDir = temporaryDirectory();
  await start();
});

afterEach(async () => {
  await stop();
  remove(stateDir);
});

const generate = (spec: DataKeyPairSpec, context: Record<string, string> = CONTEXT) =>
  client.send(
    new GenerateDataKeyPairWithoutPlaintextCommand({
      KeyId: KEY_ID,
      KeyPairSpec: spec,
      EncryptionContext: context,
    }),
  );

const decrypt = (blob: Uint8Array | undefined, context: Record<string, string>, keyId?: string) =>
  client.send(
    new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: context, KeyId: keyId }),
  );

describe('the KMS stand-in', () => {
  test.each([
    ['RSA_2048', 'rsa', 'sha256'],
    ['ECC_NIST_EDWARDS25519', 'ed25519', null],
  ] as const)(
    'makes %s pairs whose sealed half signs what the open half verifies',
    async (spec, type, digest) => {
      const pair = await generate(spec);
      expect(pair).not.toHaveProperty('PrivateKeyPlaintext');
      expect(pair.KeyId).toBe(`arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`);
      const opened = await decrypt(pair.PrivateKeyCiphertextBlob, CONTEXT);
      const privateKey = createPrivateKey({
        key: Buffer.from(opened.Plaintext ?? []),
        format: 'der',
        type: 'pkcs8',
      });
      const publicKey = createPublicKey({
        key: Buffer.from(pair.PublicKey ?? []),
        format: 'der',
        type: 'spki',
      });
      expect(publicKey.asymmetricKeyType).toBe(type);
      const signature = sign(digest, Buffer.from('mail'), privateKey);
      expect(verify(digest, Buffer.from('mail'), publicKey, signature)).toBe(true);
    },
  );

  test('opens a ciphertext with exactly its context, in any order of the pairs', async () => {
    const { PrivateKeyCiphertextBlob: blob } = await generate('ECC_NIST_EDWARDS25519');
    const reversed = Object.fromEntries(Object.entries(CONTEXT).toReversed());
    await expect(decrypt(blob, reversed)).resolves.toHaveProperty('Plaintext');
    for (const wrong of [{}, { ...CONTEXT, tenant: 't2' }, { ...CONTEXT, more: 'x' }]) {
      const { name } = await refusal(decrypt(blob, wrong));
      expect(name).toBe('InvalidCiphertextException');
    }
  });

  test('does not open a ciphertext that was changed or is not its own', async () => {
    const { PrivateKeyCiphertextBlob: blob } = await generate('ECC_NIST_EDWARDS25519');
    const changed = Buffer.from(blob ?? []);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    for (const other of [changed, Buffer.from('nonsense'), changed.subarray(0, 20)]) {
      const { name } = await refusal(decrypt(other, CONTEXT));
      expect(name).toBe('InvalidCiphertextException');
    }
  });

  test('opens what it sealed before a restart', async () => {
    const { PrivateKeyCiphertextBlob: blob } = await generate('ECC_NIST_EDWARDS25519');
    await stop();
    await start();
    await expect(decrypt(blob, CONTEXT)).resolves.toHaveProperty('Plaintext');
  });

  test('refuses a ciphertext of another key than the one named', async () => {
    const other = '11111111-2222-4333-8444-555555555555';
    kms.putKey({ keyId: other, description: '', policy: {} });
    const { PrivateKeyCiphertextBlob: blob } = await generate('ECC_NIST_EDWARDS25519');
    expect((await refusal(decrypt(blob, CONTEXT, other))).name).toBe('IncorrectKeyException');
    await expect(decrypt(blob, CONTEXT, 'alias/wrapping')).resolves.toHaveProperty('Plaintext');
  });

  test('describes a key by id, ARN and alias, and knows no other', async () => {
    const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`;
    const alias = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/wrapping`;
    for (const KeyId of [KEY_ID, arn, 'alias/wrapping', alias]) {
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata).toMatchObject({ Arn: arn, KeyState: 'Enabled', Description: 'wraps' });
      expect(KeyMetadata?.CreationDate).toEqual(new Date(now));
    }
    for (const KeyId of ['11111111-2222-4333-8444-555555555555', 'alias/none']) {
      const { name } = await refusal(client.send(new DescribeKeyCommand({ KeyId })));
      expect(name).toBe('NotFoundException');
    }
  });

  test('gives the private half only where it is asked for', async () => {
    const pair = await client.send(
      new GenerateDataKeyPairCommand({ KeyId: KEY_ID, KeyPairSpec: 'ECC_NIST_EDWARDS25519' }),
    );
    const opened = await decrypt(pair.PrivateKeyCiphertextBlob, {});
    expect(opened.Plaintext).toEqual(pair.PrivateKeyPlaintext);
  });

  test('encrypts up to 4,096 octets, which only their context opens', async () => {
    const seal = (length: number) =>
      client.send(
        new EncryptCommand({
          KeyId: KEY_ID,
          Plaintext: Buffer.alloc(length, 'x'),
          EncryptionContext: CONTEXT,
        }),
      );
    const { CiphertextBlob: sealed } = await seal(4096);
    expect((await decrypt(sealed, CONTEXT)).Plaintext).toEqual(new Uint8Array(4096).fill(0x78));
    expect((await refusal(decrypt(sealed, {}))).name).toBe('InvalidCiphertextException');
    expect((await refusal(seal(4097))).name).toBe('ValidationException');
  });

  test('refuses specs, operations and parameters that it does not have', async () => {
    expect((await refusal(generate('ECC_NIST_P256'))).name).toBe('UnsupportedOperationException');
    const made = generate('RSA_1024' as DataKeyPairSpec);
    expect((await refusal(made)).name).toBe('ValidationException');
    const random = new GenerateRandomCommand({ NumberOfBytes: 32 });
    expect((await refusal(client.send(random))).name).toBe('UnknownOperationException');
    const dryRun = new DecryptCommand({ CiphertextBlob: Buffer.from('x'), DryRun: true });
    expect(await refusal(client.send(dryRun))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('DryRun'),
    });
  });

  test('holds to AWS’s rate of pairs when asked', async () => {
    await stop();
    await start({ rateLimits: true });
    for (let made = 0; made < 100; made++) await generate('ECC_NIST_EDWARDS25519');
    const { name } = await refusal(generate('ECC_NIST_EDWARDS25519'));
    expect(name).toBe('ThrottlingException');
    now += 1000;
    await expect(generate('ECC_NIST_EDWARDS25519')).resolves.toHaveProperty('PublicKey');
  });

  test('keeps pairs in stock, and stops filling it when closed', async () => {
    await stop();
    await start({ keyPairsInStock: 2 });
    await expect.poll(() => kms.keyPairsReady).toBe(2);
    const pairs = await Promise.all([generate('RSA_2048'), generate('RSA_2048')]);
    // Pairs made for these requests would have left both in stock; to refill it takes longer.
    expect(kms.keyPairsReady).toBeLessThan(2);
    expect(pairs[0].PublicKey).not.toEqual(pairs[1].PublicKey);
  });
});

const SIGNING_ID = '7f0f1e4c-0f5b-4a63-9b7f-0d6a3f1c2b7e';
const publicKey = async (KeyId = SIGNING_ID) =>
  (await client.send(new GetPublicKeyCommand({ KeyId }))).PublicKey!;
const signing = (KeyId: string, SigningAlgorithm: SigningAlgorithmSpec) =>
  client.send(new SignCommand({ KeyId, Message: Buffer.from('octets'), SigningAlgorithm }));

describe('a key to sign with', () => {
  const settings = {
    keyId: SIGNING_ID,
    description: 'signs',
    policy: {},
    aliases: ['alias/signing'],
    signing: 'RSA_2048',
  } as const;

  test('signs what its public half verifies, and stays the same over a restart', async () => {
    kms.putKey(settings);
    const spki = await publicKey();
    await stop();
    await start();
    kms.putKey(settings);
    expect(await publicKey('alias/signing')).toEqual(spki);
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const { Signature: signature, KeyId } = await signing(
      'alias/signing',
      'RSASSA_PKCS1_V1_5_SHA_256',
    );
    expect(verify('sha256', Buffer.from('octets'), key, signature!)).toBe(true);
    expect(KeyId).toBe(`arn:aws:kms:${REGION}:${ACCOUNT}:key/${SIGNING_ID}`);
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: SIGNING_ID }));
    expect(KeyMetadata).toMatchObject({ KeyUsage: 'SIGN_VERIFY', KeySpec: 'RSA_2048' });
  });

  test('is for nothing else, nor is another key for signing', async () => {
    kms.putKey(settings);
    const pair = client.send(
      new GenerateDataKeyPairWithoutPlaintextCommand({
        KeyId: SIGNING_ID,
        KeyPairSpec: 'RSA_2048',
      }),
    );
    expect((await refusal(pair)).name).toBe('InvalidKeyUsageException');
    const signed = signing(KEY_ID, 'RSASSA_PKCS1_V1_5_SHA_256');
    expect((await refusal(signed)).name).toBe('InvalidKeyUsageException');
    expect((await refusal(publicKey(KEY_ID))).name).toBe('UnsupportedOperationException');
    const other = signing(SIGNING_ID, 'RSASSA_PSS_SHA_256');
    expect((await refusal(other)).name).toBe('UnsupportedOperationException');
    const { signing: _, ...symmetric } = settings;
    expect(() => kms.putKey(symmetric)).toThrow('of another kind');
  });
});
