import { expect, test } from 'vitest';
import { createUpload } from '../../../../lambdas/messages/create-upload.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryUploadStore } from '../../../fakes/upload-store.ts';

const tenant = givenTenant();

function given() {
  const uploads = new MemoryUploadStore();
  const taken: number[] = [];
  const ports = {
    uploads,
    budgets: {
      take: async (subject: typeof tenant, group: 'upload-megabytes', amount: number) => {
        taken.push(amount);
        return { subject, group, windows: [], amount };
      },
    },
    clock: { now: () => new Date('2026-11-20T10:00:00.000Z') },
    random: { bytes: (size: number) => new Uint8Array(size).fill(7) },
  };
  return { uploads, taken, ports };
}

test('an upload is permitted for 15 minutes, and each begun megabyte is paid for', async () => {
  const { ports, taken, uploads } = given();
  const sha256 = 'ab'.repeat(32);
  const answer = await createUpload(ports, tenant, { size: 2_000_001, sha256 });
  expect(answer).toMatchObject({
    id: expect.stringMatching(/^u_/) as string,
    method: 'PUT',
    expiresAt: '2026-11-20T10:15:00.000Z',
    headers: { 'content-length': '2000001' },
  });
  expect(taken).toEqual([3]);
  expect(uploads.orders).toMatchObject([{ tenant, id: answer.id, size: 2_000_001 }]);
  expect(uploads.orders[0]?.sha256?.toString('hex')).toBe(sha256);
});

test('one that the exit does not take is refused with the limit, and nothing is paid', async () => {
  const { ports, taken, uploads } = given();
  await expect(createUpload(ports, tenant, { size: 29_990_001 })).rejects.toThrow(
    expect.objectContaining({
      code: 'payload-too-large',
      message: expect.stringContaining('29990000') as string,
    }) as Error,
  );
  expect(taken).toEqual([]);
  expect(uploads.orders).toEqual([]);
  await createUpload(ports, tenant, { size: 29_990_000 });
});
