import { randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { s3ReportMails } from '#shared/adapters/aws/report-mails.ts';
import { startQueues, type Queues } from '../support/queues.ts';

let queues: Queues;
beforeAll(async () => {
  queues = await startQueues();
  await queues.createBucket('reports');
});
afterAll(() => queues.close());

const put = (key: string, body: Buffer) =>
  queues.s3.send(new PutObjectCommand({ Bucket: 'reports', Key: key, Body: body }));

test.each([0, 1, 3_000_000])('a mail of %i octets is read as SES put it', async (size) => {
  const raw = randomBytes(size);
  await put(`reports/${size}`, raw);
  const read = await s3ReportMails(queues.s3, 'reports').get(`reports/${size}`, 3_000_000);
  expect(raw.equals(read as Buffer)).toBe(true);
});

test('a mail that is larger than is wanted is not read', async () => {
  await put('reports/large', randomBytes(3_000_001));
  const mails = s3ReportMails(queues.s3, 'reports');
  expect(await mails.get('reports/large', 3_000_000)).toBe('too-large');
  // The connection that was given up does not block the next.
  expect(await mails.get('reports/large', 3_000_001)).toHaveLength(3_000_001);
});

test('a mail that is not there is not there', async () => {
  expect(await s3ReportMails(queues.s3, 'reports').get('reports/gone', 100)).toBeUndefined();
});
