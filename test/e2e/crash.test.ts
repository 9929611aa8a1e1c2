import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../local/aws/http.ts';
import { resumeTenant, suspendTenant } from '../../cli/tenant.ts';
import { Api, until, type DomainDocument, type MessageDocument } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import type { LocalOptions } from '../../cli/service/run.ts';
import { readOutbox, sharedOptions, startService, type Service } from './support/service.ts';

const recipients = (count: number) =>
  Array.from({ length: count }, (_, index) => `success+${index}@simulator.amazonses.com`);

const mail = (subject: string) => `From: a@example.com\r\nSubject: ${subject}\r\n\r\nHello.\r\n`;

/** The literal of a module, for an import. */
const moduleName = (path: string) => JSON.stringify(join(import.meta.dirname, path));

const noFaults = () => undefined;
/** Names the calls of AWS that fail now. */
let outage: NonNullable<LocalOptions['fail']> = noFaults;

const keyRecords = ({ records }: DomainDocument) => records.filter(({ type }) => type === 'CNAME');

describe('delivered again, killed, or left unclear', () => {
  let service: Service;
  let before: number;

  beforeAll(async () => {
    service = await startService({ fail: (call) => outage(call) });
    await onboard(service, service.api, 'example.com');
  });

  afterAll(() => service?.stop());

  beforeEach(async () => {
    before = (await service.outbox()).length;
  });

  const newMails = async () => (await service.outbox()).slice(before);

  async function delivered(id: string, seconds = 60): Promise<MessageDocument> {
    const { body } = await until(
      'delivery',
      () => service.api.message(id),
      (answer) => answer.body.status === 'delivered',
      seconds,
    );
    return body;
  }

  const ofTenant = async () =>
    (await newMails()).filter(({ raw }) => raw.includes('suspended.example'));

  test('the same queue message five times at once leaves one mail', async () => {
    const { body } = await service.api.send(mail('five times'), recipients(60), {
      'idempotency-key': 'five',
    });
    const request = { tenant: await service.ownTenant(), id: body.id };
    for (let copy = 0; copy < 5; copy += 1) service.enqueue('outbound', request);
    await delivered(body.id);
    expect(await newMails()).toHaveLength(2);
  });

  test('the same request with its Idempotency-Key is the same mail; another mail is refused', async () => {
    const key = { 'idempotency-key': 'again' };
    const first = await service.api.send(mail('again'), recipients(1), key);
    const second = await service.api.send(mail('again'), recipients(1), key);
    expect(second).toMatchObject({ status: 202, body: { id: first.body.id } });
    expect((await service.api.send(mail('other'), recipients(1), key)).status).toBe(422);
    await delivered(first.body.id);
    expect(await newMails()).toHaveLength(1);
  });

  test('SES throttling delays and loses nothing', async () => {
    service.local.ses.plantFaults({ sends: ['throttle', 'throttle', 'throttle'] });
    const { body } = await service.api.send(mail('throttled'), recipients(120));
    const message = await delivered(body.id, 90);
    expect(message.unclearAttempts).toBe(0);
    expect(await newMails()).toHaveLength(3);
  });

  test('a connection that breaks after SES took the mail is settled by its event', async () => {
    service.local.ses.plantFaults({ sends: ['drop-after'] });
    const { body } = await service.api.send(mail('yes lost'), recipients(1));
    // It waits for an event of SES, which is to come first.
    const message = await service.withoutSkips(() => delivered(body.id));
    expect(await newMails()).toHaveLength(1);
    expect(message.unclearAttempts).toBe(0);
  });

  test('a connection that breaks before SES took the mail is sent again, and counted', async () => {
    service.local.ses.plantFaults({ sends: ['drop-before'] });
    const { body } = await service.api.send(mail('never there'), recipients(1));
    const message = await delivered(body.id);
    expect(await newMails()).toHaveLength(1);
    expect(message.unclearAttempts).toBe(1);
  });

  test('a permanent refusal ends on the status, not in a loop', async () => {
    // SES takes at most 500 MIME parts.
    const part = '--x\r\nContent-Type: text/plain\r\n\r\nx\r\n';
    const type = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n';
    const { body } = await service.api.send(
      `From: a@example.com\r\nSubject: refused\r\n${type}\r\n${part.repeat(501)}--x--\r\n`,
      recipients(1),
    );
    const { body: message } = await until(
      'the end',
      () => service.api.message(body.id),
      (answer) => answer.body.status === 'refused',
    );
    expect(message.recipients[0]?.detail ?? '').toMatch(/\w/);
    expect(await newMails()).toHaveLength(0);
  });

  test.each(['before', 'during', 'after'] as const)(
    'the signer killed %s the SES call loses nothing',
    async (when) => {
      service.local.ses.plantFaults({
        delayBeforeMs: when === 'during' ? 1500 : 0,
        delayAfterMs: when === 'after' ? 1500 : 0,
      });
      const sends = service.local.ses.sends().length;
      const { body } = await service.api.send(mail(`killed ${when}`), recipients(120));
      if (when === 'before') await sleep(40);
      else if (when === 'during') await sleep(700);
      else
        await until(
          'an SES call',
          async () => service.local.ses.sends().length,
          (accepted) => accepted > sends,
          20,
        );
      await service.local.killFunction('signer');
      service.local.ses.plantFaults({ delayBeforeMs: 0, delayAfterMs: 0 });
      await service.redeliver('outbound');
      // Events of SES come first, which settle what is unclear.
      const message = await service.withoutSkips(() =>
        service.skippingLongWaits('outbound', () => delivered(body.id, 150)),
      );
      const mails = await newMails();
      const doubles = mails.length - 3;
      expect(doubles).toBeGreaterThanOrEqual(0);
      expect(doubles).toBeLessThanOrEqual(message.unclearAttempts);
    },
  );

  test("the publisher's tables out for 5 s, three times: a revoked key and a new domain are right within 30 s of each return", async () => {
    const publisher = 'function-sender-domains-publisher';
    for (const name of ['one.example', 'two.example', 'three.example']) {
      await onboard(service, service.api, name);
    }
    const seconds: number[] = [];
    for (const [index, name] of ['one.example', 'two.example', 'three.example'].entries()) {
      let failed = 0;
      outage = ({ accessKeyId, service: called }) => {
        if (accessKeyId !== publisher || called !== 'dynamodb') return undefined;
        failed += 1;
        return new AwsError('InternalServerError', 'planted', 500);
      };
      const compromised = await service.api.request<DomainDocument>(
        'POST',
        `/v1/domains/${name}/rotations`,
        { json: { reason: 'compromise' } },
      );
      expect(compromised.status).toBe(200);
      const { body: fresh } = await service.api.claim(`new-${index}.example`);
      await until(
        'a call that fails',
        async () => failed,
        (count) => count > 0,
      );
      await service.local.passTime(5_000);
      outage = noFaults;
      const back = performance.now();

      await service.withoutSkips(async () => {
        const revoked = keyRecords(compromised.body)[0]!.value;
        expect(await hostedKey(service, revoked)).toMatch(/p=\w/);
        await until(
          'p=',
          () => hostedKey(service, revoked),
          (value) => value.endsWith('p='),
          30,
        );
        for (const { value } of keyRecords(fresh).slice(0, 3)) {
          await until(
            'its keys',
            () => hostedKey(service, value),
            (key) => /p=\w/.test(key),
            30,
          );
        }
      });
      seconds.push((performance.now() - back) / 1_000);
    }
    console.log(
      `published after each outage within s: ${seconds.map((each) => each.toFixed(1)).join(', ')}`,
    );
  });

  test('of a suspended tenant nothing is sent; after 20 days what was held is sent, each once', async () => {
    const where = { state: service.stateDir };
    const tenant = await service.newTenant('suspended');
    await onboard(service, tenant, 'suspended.example');
    const text = mail('held').replace('example.com', 'suspended.example');
    // What is submitted waits at SES's rate, so that some of it is still queued.
    service.local.ses.plantFaults({ sends: Array.from({ length: 8 }, () => 'throttle' as const) });
    const ids: string[] = [];
    for (let index = 0; index < 8; index += 1)
      ids.push((await tenant.send(text, recipients(1))).body.id);
    await suspendTenant('suspended', 'spam', where);
    await sleep(1_000);
    const sent = (await ofTenant()).length;

    expect(await tenant.send(text, recipients(1))).toMatchObject({
      status: 403,
      body: { code: 'account-suspended' },
    });
    expect((await tenant.domain('suspended.example')).status).toBe(200);
    expect((await service.api.send(mail('of others'), recipients(1))).status).toBe(202);
    const statuses = () =>
      Promise.all(ids.map(async (id) => (await tenant.message(id)).body.status));
    await service.skippingLongWaits('outbound', () =>
      until(
        'all held',
        statuses,
        (all) => all.every((status) => ['held', 'sent', 'delivered'].includes(status)),
        60,
      ),
    );
    const held = (await statuses()).filter((status) => status === 'held').length;
    expect(held).toBeGreaterThan(0);
    expect(await ofTenant()).toHaveLength(sent);
    expect(held + sent).toBe(ids.length);

    await service.local.passTime(20 * 24 * 60 * 60 * 1_000);
    expect(await resumeTenant('suspended', {}, where)).toMatchObject({ released: held });
    for (const id of ids) {
      await until(
        'delivery',
        () => tenant.message(id),
        ({ body }) => body.status === 'delivered',
        60,
      );
    }
    expect(await ofTenant()).toHaveLength(ids.length);
  });

  // A copy that met a lease comes back when the lease has ended, which is after a minute.
  test('when the last copy has been handled, no mail is there twice', async () => {
    await service.skippingLongWaits('outbound', () => service.idle('outbound'));
    const mails = await service.outbox();
    const withSubject = (subject: string) =>
      mails.filter(({ raw }) => raw.includes(`\r\nSubject: ${subject}\r\n`)).length;
    expect(withSubject('five times')).toBe(2);
    expect(withSubject('again')).toBe(1);
    expect(withSubject('other')).toBe(0);
    expect(withSubject('throttled')).toBe(3);
    expect(withSubject('yes lost')).toBe(1);
    expect(withSubject('never there')).toBe(1);
  });
});

/** Returns the values of the TXT record of a domain's slot, as we host it; empty where there is none. */
async function hostedKey({ resolver }: Service, target: string): Promise<string> {
  const strings = await resolver.resolveTxt(target.replace(/\.$/, '')).catch(() => []);
  return strings.flat().join('');
}

describe('the whole service killed with SIGKILL', () => {
  let stateDir: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sender-domains-kill-'));
  });

  afterAll(async () => {
    child?.kill('SIGKILL');
    await rm(stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  const skipping = `
    import { skipLongWait } from ${moduleName('support/waits.ts')};
    setInterval(() => void skipLongWait(local, 'sender-domains-outbound'), 100);
  `;

  async function start(more = ''): Promise<{ api: Api; outbox: string }> {
    const options = {
      ...sharedOptions(),
      stateDir,
      quiet: true,
      fast: true,
      movableTime: true,
    };
    const script = `
      import { startLocal } from ${moduleName('../../cli/service/run.ts')};
      const local = await startLocal(${JSON.stringify(options)});
      console.log('ready');
      ${more}
      process.on('SIGTERM', async () => { await local.stop(); process.exit(0); });
    `;
    await writeFile(join(stateDir, 'start.mts'), script);
    child = spawn(process.execPath, [join(stateDir, 'start.mts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await Promise.race([
      once(child.stdout!, 'data'),
      once(child, 'exit').then(([code]) =>
        Promise.reject(new Error(`the service ended with ${code} before it was ready`)),
      ),
    ]);
    const endpoints = JSON.parse(await readFile(join(stateDir, 'endpoints.json'), 'utf8')) as {
      api: string;
      apiKey: string;
      outbox: string;
    };
    return { api: new Api(endpoints.api, endpoints.apiKey), outbox: endpoints.outbox };
  }

  test('goes on where it was: every accepted mail comes out', async () => {
    const first = await start();
    await onboard({ customerDns: join(stateDir, 'customer-dns') }, first.api, 'example.com');
    const ids: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      const { status, body } = await first.api.send(mail(`kill ${index}`), recipients(1));
      expect(status).toBe(202);
      ids.push(body.id);
    }
    child!.kill('SIGKILL');
    await once(child!, 'exit');

    // Begun work comes back when its lease has ended, which is after a minute.
    const second = await start(skipping);
    expect((await second.api.domain('example.com')).body.status).toBe('verified');
    const unclear: number[] = [];
    for (const id of ids) {
      const { body } = await until(
        'delivery',
        () => second.api.message(id),
        (answer) => answer.body.status === 'delivered',
        240,
      );
      unclear.push(body.unclearAttempts);
    }
    const mails = await readOutbox(second.outbox);
    const doubles = mails.length - ids.length;
    expect(doubles).toBeGreaterThanOrEqual(0);
    expect(doubles).toBeLessThanOrEqual(unclear.reduce((sum, count) => sum + count, 0));
    child!.kill('SIGTERM');
    await once(child!, 'exit');
  });
});
