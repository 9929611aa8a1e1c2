import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maxSubmittedOctets, sesExit } from '#shared/core/mail/exit.ts';
import { mapLimited } from '#shared/async/limit.ts';
import declaration from '../../smtp/service.ts';
import { isLong } from '../support/long.ts';
import { SmtpClient } from '../support/smtp-client.ts';
import { until } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';

const TO = 'success@simulator.amazonses.com';
const MAILS = isLong ? 40 : 4;
/** As many as this machine answers within the 29 s of API Gateway. */
const AT_ONCE = 8;
if (!isLong)
  console.warn(`*** ${MAILS} OF THE LARGEST MAILS AT ONCE. Forty: npm run test:long. ***`);

let service: Service;

beforeAll(async () => {
  // SES runs on this machine here: more calls at once would take longer than a call may.
  service = await startService({ config: { outbound: { concurrency: 2 } } });
  await onboard(service, service.api, 'example.com');
});

afterAll(() => service?.stop());

const head = `From: app@example.com\r\nTo: ${TO}\r\nSubject: the largest\r\n\r\n`;
const largest = Buffer.alloc(maxSubmittedOctets(sesExit), `${'x'.repeat(98)}\r\n`);
largest.write(head);
largest.write('\r\n', largest.length - 2);

const filesOf = async (name: RegExp): Promise<string[]> =>
  (await readdir(service.local.endpoints.outbox)).filter((file) => name.test(file));

/** The number of mails that SES has taken. */
const sent = async (): Promise<number> => (await filesOf(/\.delivered\.eml$/)).length;

/** Does something, and waits until so many more mails were sent. */
async function sending<T>(mails: number, act: () => Promise<T>): Promise<T> {
  const before = await sent();
  const result = await act();
  await until('all mails in the outbox', sent, (count) => count - before >= mails, 600);
  expect(await sent()).toBe(before + mails);
  return result;
}

/** The most memory that a process ever had, in octets (proc(5)). */
async function peakOf(pid: number): Promise<number> {
  const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) * 1024;
}

const bodyOf = (raw: Buffer): Buffer => raw.subarray(raw.indexOf('\r\n\r\n'));

describe('the largest mails at once', () => {
  test.runIf(process.platform === 'linux')(
    'are all taken by SMTP, within three quarters of the memory of the task',
    async () => {
      const clients: SmtpClient[] = [];
      for (let index = 0; index < MAILS; index += 1) {
        const client = await SmtpClient.tls(service.local.endpoints.smtp.tlsPort);
        expect(await client.signIn(service.api.key)).toMatch(/^235 /);
        clients.push(client);
      }
      const replies = await sending(MAILS, () =>
        Promise.all(clients.map(async (client) => client.submit([TO], largest))),
      );
      for (const client of clients) client.close();
      expect(replies.filter((reply) => !reply.startsWith('250 '))).toEqual([]);
      const peak = await peakOf(service.local.containers[0]!.pid!);
      console.log(`${MAILS} of the largest at once by SMTP: peak ${Math.round(peak / 1e6)} MB`);
      expect(peak).toBeLessThan(0.75 * declaration.memory * 1024 * 1024);
    },
  );

  test('are all taken as uploads, each whole, with no request sent again', async () => {
    const answers = await sending(MAILS, () =>
      mapLimited(Array.from({ length: MAILS }), { tasks: AT_ONCE }, async () => {
        const { id: upload } = await service.api.upload(largest);
        return service.api.request('POST', '/v1/messages', { json: { upload } });
      }),
    );
    expect(answers.map(({ status }) => status).filter((status) => status !== 202)).toEqual([]);
    for (const file of await filesOf(/^(?!.*\.delivered).*\.eml$/)) {
      const raw = await readFile(join(service.local.endpoints.outbox, file));
      expect(bodyOf(raw).equals(bodyOf(largest)), file).toBe(true);
    }
  });
});
