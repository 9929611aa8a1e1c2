import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { SESClient, SendRawEmailCommand, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRoute53 } from '../../../local/aws/route53.ts';
import { createSes } from '../../../local/aws/ses.ts';
import { resolve } from '../../../local/dns/resolution.ts';
import { ACCOUNT, REGION, remove, temporaryDirectory } from './stand-ins.ts';

let stateDir: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  stateDir = temporaryDirectory();
});

afterEach(() => {
  child?.kill('SIGKILL');
  remove(stateDir);
});

const source = (path: string): string =>
  JSON.stringify(new URL(`../../../local/${path}`, import.meta.url).href);

/** Runs the stand-ins in a process of their own; gives the gateway's URL and the id of a zone. */
async function runStandIns(): Promise<{ url: string; zoneId: string }> {
  const program = `
    const { createRoute53 } = await import(${source('aws/route53.ts')});
    const { createSes } = await import(${source('aws/ses.ts')});
    const { startGateway } = await import(${source('aws/gateway.ts')});
    const { stateDir, region, accountId } = ${JSON.stringify({ stateDir, region: REGION, accountId: ACCOUNT })};
    const route53 = createRoute53({ stateDir, insyncDelayMs: 50, processingMs: 0 });
    const token = (name) => ({ name, type: 'TXT', ttl: 1, data: [Buffer.from(tokens.get(name) ?? '')] });
    const tokens = new Map();
    const ses = createSes({
      stateDir, outbox: stateDir + '/outbox', region, accountId, log() {},
      resolve: (name) => ({ rcode: 'NOERROR', answers: [token(name)], authorities: [] }),
      publish: async () => { throw new Error('nobody listens') },
    });
    ses.putConfigurationSet('mail');
    const gateway = await startGateway({
      port: 0,
      authorize: () => ({ allowed: true }),
      resources: { region, accountId, kmsKeyArn: () => undefined },
      services: { route53: route53.handle, ses: ses.handle },
    });
    process.on('message', ([name, value]) => {
      tokens.set(name, value);
      process.send('published');
    });
    process.send({ url: gateway.url, zoneId: route53.putHostedZone('sd.example.net').id });
  `;
  const args = ['--input-type=module', '--eval', program];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [started] = (await once(child, 'message')) as [{ url: string; zoneId: string }];
  return started;
}

const config = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: 'AKIAOPERATOR', secretAccessKey: 'any' },
  maxAttempts: 1,
});

test('SIGKILL in the middle of sending and publishing loses nothing that was acknowledged', async () => {
  const { url, zoneId } = await runStandIns();
  const ses = new SESClient(config(url));
  const route53 = new Route53Client(config(url));
  const verify = new VerifyDomainIdentityCommand({ Domain: 'example.com' });
  const { VerificationToken } = await ses.send(verify);
  child?.send(['_amazonses.example.com', VerificationToken]);
  if (child) await once(child, 'message');

  const mails: string[] = [];
  const records: string[] = [];
  const sending = async (): Promise<never> => {
    for (;;) {
      const { MessageId = '' } = await ses.send(
        new SendRawEmailCommand({
          Source: 'a@example.com',
          Destinations: ['b@example.org'],
          ConfigurationSetName: 'mail',
          RawMessage: { Data: Buffer.from(`From: a@example.com\r\n\r\n${'x\r\n'.repeat(5000)}`) },
        }),
      );
      mails.push(MessageId);
      if (mails.length === 30) child?.kill('SIGKILL');
    }
  };
  const publishing = async (): Promise<never> => {
    for (;;) {
      const name = `n${records.length}.sd.example.net`;
      const set = {
        Name: name,
        Type: 'TXT' as const,
        TTL: 60,
        ResourceRecords: [{ Value: '"x"' }],
      };
      await route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: set }] },
        }),
      );
      records.push(name);
    }
  };
  const ended = await Promise.allSettled([sending(), publishing()]);
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(mails.length).toBeGreaterThanOrEqual(30);
  expect(records.length).toBeGreaterThan(0);

  const outbox = join(stateDir, 'outbox');
  const again = createSes({
    stateDir,
    outbox,
    region: REGION,
    accountId: ACCOUNT,
    resolve: () => ({ rcode: 'NXDOMAIN', answers: [], authorities: [] }),
    publish: () => expect.unreachable(),
    log() {},
    now: () => 0,
  });
  const accepted = again.sends().map(({ messageId }) => messageId);
  expect(accepted).toEqual(expect.arrayContaining(mails));
  for (const id of accepted) {
    expect(existsSync(join(outbox, `${id}.eml`))).toBe(true);
    expect(existsSync(join(outbox, `${id}.delivered.eml`))).toBe(true);
  }
  await again.close();
  const database = new DatabaseSync(join(stateDir, 'ses.sqlite'), { readOnly: true });
  const [row] = database.prepare('SELECT count(*) AS count FROM events').all();
  expect(row?.['count']).toBe(2 * accepted.length);
  database.close();

  const zones = createRoute53({ stateDir, now: () => Date.now() + 1000 });
  for (const name of records) {
    expect(resolve([zones.zones], { name, type: 'TXT' }, true).answers).toHaveLength(1);
  }
  zones.close();
});
