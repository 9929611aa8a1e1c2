import { createHash, randomBytes } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { s3UploadStore, uploadStoreClient } from '#shared/adapters/aws/upload-store.ts';
import type { UploadPermit, UploadStore } from '#shared/app/ports/uploads.ts';
import { uploadIdOf, type UploadId } from '#shared/core/model/names.ts';
import { startGateway, type Gateway } from '../../local/aws/gateway.ts';
import { createS3, type S3 } from '../../local/aws/s3.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { ACCOUNT, REGION, remove, temporaryDirectory } from '../local/aws/stand-ins.ts';

const tenant = givenTenant();
const content = randomBytes(100_000);
const sha256 = (octets: Buffer) => createHash('sha256').update(octets).digest();

describe('uploads in S3', () => {
  const stateDir = temporaryDirectory();
  let s3: S3;
  let gateway: Gateway;
  let store: UploadStore;
  let ahead = 0;

  beforeAll(async () => {
    s3 = createS3({ stateDir });
    gateway = await startGateway({
      port: 0,
      services: { s3: s3.handle },
      authorize: () => ({ allowed: true }),
      resources: { region: REGION, accountId: ACCOUNT, kmsKeyArn: () => undefined },
      secretOf: (key) => (key === 'AKIAMESSAGES' ? 'secret' : undefined),
      now: () => Date.now() + ahead,
    });
    await new S3Client(config(gateway)).send(new CreateBucketCommand({ Bucket: 'mail' }));
    store = s3UploadStore(uploadStoreClient(config(gateway)), 'mail');
  });
  afterAll(async () => {
    await gateway.close();
    s3.close();
    remove(stateDir);
  });

  const order = async (more: { size?: number; sha256?: Buffer } = {}) => {
    const id = uploadIdOf(randomBytes(16));
    return { id, permit: await store.permit({ tenant, id, size: content.length, ...more }) };
  };
  const kept = (id: UploadId) => store.get(tenant, id);

  test('content of the size is taken by the URL, and read by its tenant alone', async () => {
    const { id, permit } = await order();
    expect(await kept(id)).toBeUndefined();
    expect(await send(permit, content)).toBe(200);
    expect((await kept(id))?.equals(content)).toBe(true);
    expect(await store.get(givenTenant(), id)).toBeUndefined();
  });

  test('it is taken once: nobody replaces it', async () => {
    const { id, permit } = await order();
    expect(await send(permit, content)).toBe(200);
    expect(await send(permit, randomBytes(content.length))).toBe(412);
    expect((await kept(id))?.equals(content)).toBe(true);
  });

  test('of two at once one is taken', async () => {
    const { permit } = await order();
    const answers = await Promise.all([send(permit, content), send(permit, content)]);
    expect(answers.toSorted((a, b) => a - b)).toEqual([200, 412]);
  });

  test.each([content.length - 1, content.length + 1])('%i octets are not taken', async (size) => {
    const { id, permit } = await order();
    expect(await send(permit, randomBytes(size))).toBe(403);
    expect(await kept(id)).toBeUndefined();
  });

  test('the condition that nothing is there cannot be left out', async () => {
    const { permit } = await order();
    const { 'if-none-match': _, ...headers } = permit.headers;
    expect(await send({ ...permit, headers }, content)).toBe(403);
  });

  test('the content has the SHA-256 that was given', async () => {
    const { id, permit } = await order({ sha256: sha256(content) });
    expect(await send(permit, randomBytes(content.length))).toBe(400);
    expect(await kept(id)).toBeUndefined();
    const { 'x-amz-checksum-sha256': _, ...headers } = permit.headers;
    expect(await send({ ...permit, headers }, content)).toBe(403);
    expect(await send(permit, content)).toBe(200);
  });

  test('the URL holds for 15 minutes', async () => {
    const { permit } = await order();
    ahead = 15 * 60_000 + 2_000;
    expect(await send(permit, content)).toBe(403);
    ahead = 0;
    expect(await send(permit, content)).toBe(200);
  });

  test('another place, another method, or a longer time has another signature', async () => {
    const { permit } = await order();
    const { url } = permit;
    expect(await send({ ...permit, url: url.replace('/uploads/', '/mail/') }, content)).toBe(403);
    expect(
      await send({ ...permit, url: url.replace('Expires=900', 'Expires=9000') }, content),
    ).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });
});

const config = (gateway: Gateway) => ({
  endpoint: gateway.url,
  region: REGION,
  forcePathStyle: true,
  credentials: { accessKeyId: 'AKIAMESSAGES', secretAccessKey: 'secret' },
});

/** The status of a PUT of some content by a permit. */
async function send({ url, headers }: UploadPermit, body: Buffer): Promise<number> {
  // fetch gives the length of the body itself.
  const { 'content-length': _, ...rest } = headers;
  const answer = await fetch(url, { method: 'PUT', headers: rest, body: new Uint8Array(body) });
  await answer.arrayBuffer();
  return answer.status;
}
