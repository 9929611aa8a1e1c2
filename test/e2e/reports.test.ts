import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportsDocument } from '#shared/api/routes/reports.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { type Day, dayOf, daysAfter } from '#shared/core/reports/day.ts';
import { type ArrivingMail, Receiver, reportMail } from '../support/receiver.ts';
import { until } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { REPORTERS, startService, type Service } from './support/service.ts';

const domain = 'shop.example';

let service: Service;
let receivers: readonly Receiver[];
let own: ArrivingMail;
let esp: ArrivingMail;
let reportsAddress: string;
let espRecord: string;
/** The zone file of the domain without what the other sender needs. */
let zoneFile: string;

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const record = composeKeyRecord(publicKey.export({ type: 'spki', format: 'der' }), 'rsa-sha256');
const txt = (name: string, value: string): string =>
  `${name} 60 IN TXT ${(value.match(/.{1,250}/g) ?? []).map((part) => `"${part}"`).join(' ')}\n`;

const zone = (name: string, ...records: string[]): Promise<void> =>
  writeFile(join(service.customerDns, `${name}.zone`), `$ORIGIN ${name}.\n${records.join('')}`);

/** The domain's DNS, with the other sender's key or without. */
const publishDomain = (espKey: boolean): Promise<void> =>
  writeFile(join(service.customerDns, `${domain}.zone`), `${zoneFile}\n${espKey ? espRecord : ''}`);

const read = async (): Promise<NonNullable<DomainDocument['dmarc']>> =>
  (await service.api.request<DomainDocument>('GET', `/v1/domains/${domain}`)).body.dmarc!;
const reports = async (from: Day, to: Day): Promise<ReportsDocument> =>
  (
    await service.api.request<ReportsDocument>(
      'GET',
      `/v1/domains/${domain}/reports?from=${from}&to=${to}`,
    )
  ).body;

/** Returns the DNS answer that receivers see at the target of the customer's record. */
const published = async (): Promise<string> =>
  (await service.resolver.resolveTxt(`_dmarc.${domain}`)).flat().join('');

beforeAll(async () => {
  service = await startService();
  await onboard(service, service.api, domain);
  zoneFile = await readFile(join(service.customerDns, `${domain}.zone`), 'utf8');
  espRecord = txt(`esp1._domainkey.${domain}.`, record);
  await publishDomain(true);
  for (const name of ['google.com', 'microsoft.com'])
    await zone(name, txt('r1._domainkey', record));
  await zone('esp.example', txt('mail', 'v=spf1 ip4:203.0.113.0/24 -all'));
  await zone(
    'crook.example',
    txt('@', 'v=spf1 ip4:192.0.2.0/24 -all'),
    txt('r1._domainkey', record),
  );
  const resolver = dnsResolver({
    topOf: registrableDomain,
    resolvers: parseServers(`127.0.0.1:${service.dnsPort}`),
    authoritativePort: service.dnsPort,
  });
  receivers = REPORTERS.map(
    (address) => new Receiver({ address, key: privateKey, selector: 'r1', resolver }),
  );
  reportsAddress = /mailto:([^,]+@reports\.[^,;]+)/.exec((await read()).record)![1]!;
});

afterAll(() => service?.stop());

const plainMail = (from: string): Buffer =>
  Buffer.from(
    `From: ${from}\r\nTo: you@example.net\r\nSubject: News\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello.\r\n`,
  );

function signed(raw: Buffer, signer: { domain: string; selector: string; key: KeyObject }): Buffer {
  const time = Date.now() / 1_000;
  return Buffer.concat([
    signMessage(parseMessage(raw), { ...signer, time, profile: sesProfile }),
    raw,
  ]);
}

const hand = (raw: Buffer, from: string): Promise<void> =>
  service.local.deliver({
    raw,
    recipient: reportsAddress,
    mailFrom: `bounce@${from}`,
    ip: '192.0.2.1',
    helo: `mx.${from}`,
  });

/** Each receiver sees mail of a day, and its report of it comes in. */
async function day(which: Day, mails: readonly (readonly [ArrivingMail, number])[]): Promise<void> {
  for (const receiver of receivers) {
    for (const [mail, count] of mails) await receiver.receive(mail, new Date(), count);
    const raw = receiver.report(domain, which, reportsAddress, new Date());
    if (raw !== undefined) await hand(raw, receiver.domain);
  }
}

/** The Scheduler's call of a day, and what follows from it. */
async function runPlan(which: Day): Promise<void> {
  await service.idle('reports');
  const at = `${which}T12:00:00.000Z`;
  const { answered } = await service.local.invoke('roll-out-planner', { scheduledTime: at });
  expect(answered).toBe(true);
  await service.idle('roll-out');
}

/** Moves the beginning of the plan into the past, instead of waiting for weeks. */
async function beginAt(when: string): Promise<void> {
  const { aws } = service.local.endpoints;
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws }),
  );
  const { Items = [] } = await client.send(new ScanCommand({ TableName: aws.tables.claims }));
  const claim = Items.find(({ sk }) => sk === `claim#${domain}`)!;
  await client.send(
    new UpdateCommand({
      TableName: aws.tables.claims,
      Key: { pk: claim['pk'] as string, sk: claim['sk'] as string },
      UpdateExpression:
        'SET rollOut.startsAt = :when, rollOut.since = :since, #version = #version + :one',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':when': when, ':since': { p: when, sp: when }, ':one': 1 },
    }),
  );
  client.destroy();
}

describe('from mail in the outbox to a policy in DNS', () => {
  const start = daysAfter(dayOf(new Date()), -60);
  const dayNumber = (number: number): Day => daysAfter(start, number);

  test('mail of the domain passes at receivers who judge it by our DNS', async () => {
    const { body } = await service.api.send(plainMail(`news@${domain}`), [
      'success@simulator.amazonses.com',
    ]);
    await until(
      'delivery',
      () => service.api.message(body.id),
      (answer) => answer.body.status === 'delivered',
    );
    const [mail] = await service.outbox();
    const returnPath = /^Return-Path: <([^>]+)>/m.exec(mail!.delivered.toString('latin1'))![1]!;
    own = { raw: mail!.delivered, ip: '127.0.0.1', helo: 'amazonses.com', mailFrom: returnPath };
    const espRaw = signed(plainMail(`offers@${domain}`), {
      domain,
      selector: 'esp1',
      key: privateKey,
    });
    esp = {
      raw: espRaw,
      ip: '203.0.113.10',
      helo: 'mail.esp.example',
      mailFrom: 'bounce@mail.esp.example',
    };
    for (const each of [own, esp]) {
      expect(await receivers[0]!.receive(each, new Date(), 0)).toBe('none');
    }
  });

  test('a plan is begun, with consent for reject', async () => {
    const { status } = await service.api.request('PATCH', `/v1/domains/${domain}`, {
      json: { dmarc: { plan: { ceiling: 'reject', consent: { reject: true } } } },
    });
    expect(status).toBe(200);
    await beginAt(`${start}T00:00:00.000Z`);
    expect((await read()).plan).toMatchObject({ startsAt: `${start}T00:00:00.000Z`, known: [] });
  });

  test('four weeks of reports raise it to quarantine, two more to reject, in DNS too', async () => {
    for (let number = 0; number < 28; number += 1)
      await day(dayNumber(number), [
        [own, 20],
        [esp, 10],
        [spoofed(number), 200],
      ]);
    await runPlan(dayNumber(27));
    expect((await read()).p).toBe('none');
    await runPlan(dayNumber(28));
    expect(await read()).toMatchObject({
      p: 'quarantine',
      sp: 'none',
      plan: { known: ['esp.example', 'ses'], held: null },
      history: [{ tag: 'p', from: 'none', to: 'quarantine' }],
    });
    await until('quarantine in DNS', published, (text) => text.includes('p=quarantine'), 20);
    for (let number = 28; number < 42; number += 1)
      await day(dayNumber(number), [
        [own, 40],
        [esp, 20],
        [spoofed(number), 200],
      ]);
    await runPlan(dayNumber(42));
    expect((await read()).p).toBe('reject');
    await until('reject in DNS', published, (text) => text.includes('p=reject'), 20);
    expect(await receivers[0]!.receive(spoofed(1), new Date(), 0)).toBe('reject');
    expect(await receivers[0]!.receive(own, new Date(), 0)).toBe('none');
  }, 240_000);

  test('the API shows the mail by day, source, selector and reporter', async () => {
    const {
      totals,
      sources,
      selectors,
      reporters: seenBy,
      days,
      unverified,
    } = await reports(dayNumber(0), dayNumber(41));
    expect(days).toHaveLength(42);
    expect(totals).toMatchObject({
      messages: 2 * (28 * 230 + 14 * 260),
      passed: 2 * (28 * 30 + 14 * 60),
      spf: 2 * (28 * 20 + 14 * 40),
    });
    const named = sources.filter(({ kind }) => kind === 'service' || kind === 'sender');
    expect(
      named.map(({ id, known, messages, rates }) => [id, known, messages, rates.passed]),
    ).toEqual([
      ['crook.example', false, 2 * 42 * 200, 0],
      ['ses', true, 2 * (28 * 20 + 14 * 40), 1],
      ['esp.example', true, 2 * (28 * 10 + 14 * 20), 1],
    ]);
    expect(selectors).toEqual([
      { selector: 'esp1', passed: 1_120, failed: 0, rate: 1 },
      { selector: 'zero', passed: 2_240, failed: 0, rate: 1 },
    ]);
    expect(seenBy.map(({ reporter, reports: count }) => [reporter, count])).toEqual([
      ['google.com', 42],
      ['microsoft.com', 42],
    ]);
    expect(unverified.reports).toBe(0);
  });

  test('a flood of spoofed mail and of forged reports changes nothing', async () => {
    await day(dayNumber(42), [
      [own, 40],
      [esp, 20],
      [spoofed(42), 100_000],
    ]);
    const begin = Date.parse(dayNumber(42)) / 1_000;
    const forged = (id: number) =>
      `<feedback><report_metadata><org_name>google.com</org_name><report_id>${id}</report_id><date_range><begin>${begin}</begin><end>${begin + 86_399}</end></date_range></report_metadata><policy_published><domain>${domain}</domain></policy_published><record><row><source_ip>203.0.113.10</source_ip><count>1000000</count><policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>${domain}</header_from></identifiers></record></feedback>`;
    for (let id = 0; id < 20; id += 1) {
      const mail = reportMail(REPORTERS[0]!, reportsAddress, forged(id));
      const crook = { domain: 'crook.example', selector: 'r1', key: privateKey };
      await hand(id % 2 === 0 ? mail : signed(mail, crook), 'crook.example');
    }
    await runPlan(dayNumber(43));
    expect(await read()).toMatchObject({ p: 'reject', plan: { held: null } });
    const { unverified, totals } = await reports(dayNumber(42), dayNumber(42));
    expect(unverified).toMatchObject({ reports: 20, messages: 20_000_000 });
    expect(totals.messages).toBe(2 * 100_060);
  });

  test('a known sender that breaks brings it back to quarantine with the first reports; there it holds', async () => {
    await publishDomain(false);
    await until(
      'the key to be gone',
      () => service.resolver.resolveTxt(`esp1._domainkey.${domain}`).catch(() => 'gone'),
      (answer) => answer === 'gone',
      20,
    );
    await day(dayNumber(43), [
      [own, 40],
      [esp, 20],
    ]);
    await runPlan(dayNumber(44));
    expect(await read()).toMatchObject({
      p: 'quarantine',
      plan: { held: { sources: ['esp.example'] } },
      history: [
        { to: 'quarantine' },
        { to: 'reject' },
        {
          from: 'reject',
          to: 'quarantine',
          why: 'Mail of esp.example (40 of 40 failed) began to fail.',
        },
      ],
    });
    await until('quarantine in DNS', published, (text) => text.includes('p=quarantine'), 20);
    for (let number = 44; number < 50; number += 1)
      await day(dayNumber(number), [
        [own, 40],
        [esp, 20],
      ]);
    await runPlan(dayNumber(50));
    expect(await read()).toMatchObject({
      p: 'quarantine',
      plan: { held: { sources: ['esp.example'] } },
    });
  }, 120_000);
});

const attached = (content: Buffer) =>
  Buffer.from(
    `From: a@crook.example\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n${content.toString('base64')}\r\n`,
  );

describe('what the submission channel takes', () => {
  const today = dayOf(new Date());
  const refused = async (): Promise<Record<string, number>> => {
    await service.idle('reports');
    return (await reports(today, today)).refused[0]?.counts ?? {};
  };

  test('a mail whose report cannot be read is refused, and the domain shows why', async () => {
    const bomb = gzipSync(
      Buffer.concat([Buffer.from('<feedback>'), Buffer.alloc(101_000_000, '<a/>')]),
    );
    await hand(attached(bomb), 'crook.example');
    await hand(attached(gzipSync('<feedback></feedback>').subarray(0, 20)), 'crook.example');
    await hand(
      Buffer.from(
        'From: a@crook.example\r\n\r\n<!DOCTYPE x [<!ENTITY y "z">]><feedback>&y;</feedback>',
      ),
      'crook.example',
    );
    await hand(plainMail('a@crook.example'), 'crook.example');
    expect(await refused()).toEqual({
      'decompressed-too-large': 1,
      truncated: 1,
      entities: 1,
      'no-report': 1,
    });
  });

  test('a report about another domain is refused; one to an unknown label is dropped', async () => {
    const other = `<feedback><report_metadata><report_id>1</report_id><date_range><begin>${Math.floor(Date.now() / 1_000) - 90_000}</begin><end>${Math.floor(Date.now() / 1_000) - 3_600}</end></date_range></report_metadata><policy_published><domain>other.example</domain></policy_published></feedback>`;
    await hand(reportMail('a@crook.example', reportsAddress, other), 'crook.example');
    expect(await refused()).toMatchObject({ 'other-domain': 1 });
    await service.local.deliver({
      raw: plainMail('a@crook.example'),
      recipient: `${'a'.repeat(26)}@${reportsAddress.split('@')[1]}`,
      mailFrom: 'a@crook.example',
      ip: '192.0.2.1',
      helo: 'x',
    });
    await service.idle('reports');
    expect(await refused()).toMatchObject({ 'other-domain': 1, 'no-report': 1 });
  });
});

/** Mail that says it is of the domain, by a stranger, from one host or another. */
function spoofed(number: number): ArrivingMail {
  return {
    raw: plainMail(`ceo@${domain}`),
    ip: `192.0.2.${number % 200}`,
    helo: 'crook.example',
    mailFrom: 'x@crook.example',
  };
}
