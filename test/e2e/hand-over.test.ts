import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import { givenTrail } from '../support/given-trail.ts';
import { apiKeyOf, apiKeyPrefix, hashApiKey } from '#shared/core/model/api-key.ts';
import { languages } from '#shared/core/model/contact.ts';
import { noticeKindNames, noticeKinds } from '#shared/core/model/notice.ts';
import { noticeTexts } from '#shared/core/texts/notices/index.ts';
import { tenantIdOf } from '#shared/core/model/names.ts';
import { Api, until } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { quiet } from './support/quiet.ts';
import { sharedOptions, startService, type Service } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

/** The operator's own account, which the configuration names before it is made. */
const operator = tenantIdOf(new Uint8Array(16).fill(7));
const operatorDomain = 'operator.example';

let service: Service;
beforeAll(async () => {
  const handOver = {
    tenant: operator,
    from: `dns@${operatorDomain}`,
    name: 'Operator Ltd',
  };
  const options = sharedOptions();
  service = await startService({ ...options, config: { ...options.config, handOver } });
  const { aws } = service.local.endpoints;
  const { accessKeyId, secretAccessKey } = aws;
  const client = documentClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId, secretAccessKey },
  });
  const key = apiKeyOf(new Uint8Array(32).fill(9));
  const createdAt = new Date().toISOString();
  const trail = givenTrail(String(aws.tables['audit']));
  await dynamoTenantStore(client, String(aws.tables.tenants), trail).create(
    { id: operator, name: 'operator', createdAt },
    {
      hash: hashApiKey(key),
      tenant: operator,
      prefix: apiKeyPrefix(key),
      scopes: [...allScopes],
      createdAt,
    },
  );
  client.destroy();
  await onboard(service, new Api(service.local.endpoints.api, key), operatorDomain);
});
afterAll(() => service.stop());

/** Calls the mailer as the Scheduler does every minute. */
const mail = async (): Promise<void> => {
  expect(await service.local.invoke('hand-over', {})).toMatchObject({ answered: true });
};

async function handedOver(email: string, domains: readonly string[]) {
  const { api } = service;
  const made = await api.request<{ id: string }>('POST', '/v1/contacts', {
    json: { email, name: 'Änne', language: 'de', domains },
  });
  expect(made.status).toBe(201);
  const path = `/v1/contacts/${made.body.id}`;
  const linked = await api.request('POST', `${path}/links`, { json: { mail: true } });
  expect(linked.status).toBe(201);
  await mail();
  return { path };
}
const contact = async (path: string) =>
  (
    await service.api.request<{
      mails: { day: number; state: string }[];
      ended: { why: string } | null;
      links: { openedAt: string | null }[];
    }>('GET', path)
  ).body;

test('a contact is mailed a signed mail whose link opens the records of two domains', async () => {
  const names = ['first.example', 'second.example'];
  for (const name of names) expect((await service.api.claim(name)).status).toBe(201);
  const before = new Set((await service.outbox()).map(({ id }) => id));
  const { path } = await handedOver('success@simulator.amazonses.com', names);
  const [sent] = await until(
    'the mail',
    async () => (await service.outbox()).filter(({ id }) => !before.has(id)),
    (mails) => mails.length > 0,
    60,
  );
  expect(await mailauth(service.dnsPort)([sent!.delivered], operatorDomain)).toEqual(['pass']);
  const text = sent!.delivered.toString().replaceAll(/=\r\n/g, '').replaceAll('=3D', '=');
  expect(text).toMatch(/^Subject: =\?UTF-8\?/im);
  const [, token = ''] = /\/v1\/hand-over\?lang=de#([a-z2-7]{52})/.exec(text) ?? [];
  const opened = await fetch(`${service.local.endpoints.api}/v1/hand-over`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  expect(await opened.json()).toMatchObject({
    name: 'Änne',
    reminds: true,
    domains: names.map((name) => ({ name })),
  });
  // What SES says of the mail is seen by a later call.
  await until(
    'the delivery',
    async () => {
      // A jump of the clock would take the time of what is under way.
      await quiet(service, ['outbound', 'ses-events']);
      await service.local.passTime(10 * 60_000);
      await mail();
      return contact(path);
    },
    ({ mails }) => mails[0]?.state === 'delivered',
    60,
  );
  expect((await contact(path)).links.some(({ openedAt }) => openedAt !== null)).toBe(true);
});

test('a mail that bounces ends the mails, and the domain has an event', async () => {
  const name = 'bounced.example';
  await service.api.claim(name);
  const { path } = await handedOver('bounce@simulator.amazonses.com', [name]);
  await until(
    'the bounce',
    async () => {
      // A jump of the clock would take the time of what is under way.
      await quiet(service, ['outbound', 'ses-events']);
      await service.local.passTime(10 * 60_000);
      await mail();
      return contact(path);
    },
    ({ ended }) => ended !== null,
    60,
  );
  expect(await contact(path)).toMatchObject({
    mails: [{ day: 0, state: 'bounced' }],
    ended: { why: 'undelivered' },
  });
  await until(
    'the event',
    () => service.api.request<{ events: { type: string }[] }>('GET', `/v1/domains/${name}/events`),
    ({ body }) => body.events.some(({ type }) => type === 'domain.contact_unreached'),
    30,
  );
});

test('each kind of notice is mailed in each language, signed and aligned, as text and as HTML', async () => {
  const { api, local } = service;
  const tenant = await service.ownTenant();
  const recipients = languages.map((language) => ({
    email: `success+${language}@simulator.amazonses.com`,
    language,
    kinds: noticeKindNames,
  }));
  const changed = await api.request('PATCH', '/v1/notices', { json: { recipients, revision: 0 } });
  expect(changed).toMatchObject({ status: 200, body: { offered: true } });
  const before = new Set((await service.outbox()).map(({ id }) => id));
  // One is what somebody did; the others take days to happen.
  const made = await api.request('POST', '/v1/api-keys', {
    json: { name: 'Build server', scopes: ['domains'] },
  });
  expect(made.status).toBe(201);
  const types = noticeKindNames
    .map((kind) => noticeKinds[kind][0])
    .filter((type) => type !== 'api_key.created');
  const at = new Date().toISOString();
  for (const type of types) {
    const data = { domain: 'shop.example', previousStatus: 'at-risk', detail: 'It is missing.' };
    service.enqueue('notice', { detail: { id: `evt_${type}`, type, tenant, at, data } });
  }
  const expected = noticeKindNames.length * languages.length;
  const sent = await service.skippingLongWaits('notice', () =>
    until(
      'the notices',
      async () => (await service.outbox()).filter(({ id }) => !before.has(id)),
      (mails) => mails.length >= expected,
      120,
    ),
  );
  expect(sent).toHaveLength(expected);
  const verify = mailauth(service.dnsPort);
  const all = sent.map(({ delivered }) => delivered);
  expect(new Set(await verify(all, operatorDomain))).toEqual(new Set(['pass']));
  const read = await Promise.all(all.map((raw) => PostalMime.parse(raw)));
  for (const language of languages) {
    const mails = read.filter(({ to }) => to?.[0]?.address?.includes(`+${language}@`));
    const { events } = noticeTexts[language];
    const subjects = mails.map(({ subject = '' }) => subject);
    for (const kind of noticeKindNames) {
      const [happened, toDo] = events[noticeKinds[kind][0]];
      const index = subjects.findIndex((subject) => subject.endsWith(happened));
      const mail = mails[index];
      expect([language, kind, mail?.from?.address]).toEqual([
        language,
        kind,
        `dns@${operatorDomain}`,
      ]);
      expect(mail?.text).toContain(toDo);
      expect(mail?.html).toContain(`<html lang="${language}">`);
      expect(mail?.text).toContain(kind === 'access-changed' ? 'Build server' : 'shop.example');
    }
  }
  expect(local.queues.inspect('sender-domains-notice-dead-letters')?.visible).toEqual([]);
});
