import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSendQuotaCommand, SESClient } from '@aws-sdk/client-ses';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDns, startServices, type StandIns } from '../../../local/runtime/stand-ins.ts';

let stateDir: string;
const closing: (() => Promise<void> | void)[] = [];
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'rates-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await rm(stateDir, { recursive: true });
});

async function start(fast: boolean): Promise<StandIns> {
  const options = {
    stateDir,
    region: 'eu-west-1',
    dnsPort: 0,
    gatewayPort: 0,
    fast,
    authorize: () => ({ allowed: true as const }),
    publish: async () => {},
    hasBus: () => false,
    findFunction: () => undefined,
    deliver: async () => {},
    invoke: async () => {},
    log: () => {},
  };
  return startServices(options, await startDns(options, closing), closing);
}

/** Asks SES three times at once. @returns the send rate, and how many calls were throttled */
async function askThrice({ gateway }: StandIns): Promise<{ rate: number; throttled: number }> {
  const ses = new SESClient({
    endpoint: gateway.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  closing.push(() => ses.destroy());
  const asked = await Promise.allSettled(
    Array.from({ length: 3 }, () => ses.send(new GetSendQuotaCommand({}))),
  );
  const answers = asked.filter((answer) => answer.status === 'fulfilled');
  return { rate: answers[0]?.value.MaxSendRate ?? 0, throttled: 3 - answers.length };
}

test('SES takes 14 recipients and one control call a second, as from a new account', async () => {
  expect(await askThrice(await start(false))).toEqual({ rate: 14, throttled: 2 });
});

test('`fast` lifts the rates', async () => {
  expect(await askThrice(await start(true))).toEqual({ rate: 10_000, throttled: 0 });
});
