import { createPublicKey, verify } from 'node:crypto';
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kmsClient } from '#shared/adapters/aws/key-forge.ts';
import { kmsRequestSigner } from '#shared/adapters/aws/request-signer.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { errorResponse } from '../../local/aws/errors.ts';
import { AwsError } from '../../local/aws/http.ts';
import { createKms } from '../../local/aws/kms.ts';
import {
  ACCOUNT,
  clientConfig,
  gatewayFor,
  REGION,
  remove,
  temporaryDirectory,
} from '../local/aws/stand-ins.ts';

const stateDir = temporaryDirectory();
const kms = createKms({ stateDir, region: REGION, accountId: ACCOUNT, keyPairsInStock: 0 });
const key = kms.putKey({
  keyId: '6f0f1e4c-0f5b-4a63-9b7f-0d6a3f1c2b7e',
  description: 'signs',
  policy: {},
  signing: 'RSA_2048',
});
let failure: AwsError | undefined;
let gateway: Gateway;
beforeAll(async () => {
  gateway = await gatewayFor({
    kms: async (request) =>
      failure === undefined ? kms.handle(request) : errorResponse(failure, 'json'),
  });
});
afterAll(async () => {
  await gateway.close();
  kms.close();
  remove(stateDir);
});

describe('KMS as the signer of requests', () => {
  const text = 'domain=example.com&label=abc';

  test('signs what the public half verifies, with RSASSA-PKCS1-v1_5 and SHA-256', async () => {
    const client = kmsClient(clientConfig(gateway));
    const signature = await kmsRequestSigner(client, key).sign(text);
    const { PublicKey: spki } = await client.send(new GetPublicKeyCommand({ KeyId: key }));
    const publicKey = createPublicKey({ key: Buffer.from(spki!), format: 'der', type: 'spki' });
    expect(verify('sha256', Buffer.from(text), publicKey, signature)).toBe(true);
    expect(verify('sha256', Buffer.from(`${text}d`), publicKey, signature)).toBe(false);
    client.destroy();
  });

  test('asks to come again where KMS is out, and fails where it refuses', async () => {
    const client = kmsClient({ ...clientConfig(gateway), maxAttempts: 1 });
    const signer = kmsRequestSigner(client, key);
    failure = new AwsError('ThrottlingException', 'slow down');
    await expect(signer.sign(text)).rejects.toThrow(Throttled);
    failure = undefined;
    const refused = signer.sign('x'.repeat(4097));
    await expect(refused).rejects.toThrow(/length from 1 to 4096/);
    await expect(refused).rejects.not.toThrow(Throttled);
    client.destroy();
  });
});
