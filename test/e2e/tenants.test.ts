import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryPage } from '#shared/api/routes/webhooks.ts';
import * as operator from '../../cli/identity.ts';
import { until, type Answer, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { SesAccount } from './support/ses-account.ts';
import { sharedService, type Service } from './support/service.ts';

let service: Service;
let first: Api;
let second: Api;

beforeAll(async () => {
  service = await sharedService();
  first = service.api;
  second = await service.newTenant('second');
  await onboard(service, first, 'first.example');
  await onboard(service, second, 'second.example');
});

afterAll(() => service?.stop());

const mail = (from: string, extra = '') =>
  `From: ${from}\r\nTo: success@simulator.amazonses.com\r\n${extra}Subject: x\r\n\r\nx\r\n`;

/**
 * Returns the parts of an answer that could reveal something: all except the names of the domain
 * asked for and of the request.
 */
const revealed = (answer: { status: number; text: string }, name: string) => ({
  status: answer.status,
  text: answer.text.replaceAll(name, 'NAME').replace(/"(instance|requestId)":"[^"]*"/g, ''),
});

describe('a second tenant', () => {
  test("gets exactly the same answer about another's domain as about a domain without an owner", async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/checks'],
      ['GET', '/records'],
      ['GET', '/records?format=bind'],
    ] as const) {
      const others = await second.request(method, `/v1/domains/first.example${path}`);
      const nobodys = await second.request(method, `/v1/domains/nobody.example${path}`);
      expect(others.status).toBe(404);
      expect(revealed(others, 'first.example')).toEqual(revealed(nobodys, 'nobody.example'));
    }
    expect((await first.domain('first.example')).body.status).toBe('verified');
  });

  test("cannot send as another's domain, above it, below it, nor name it in Sender", async () => {
    const others = await second.send(mail('a@first.example'));
    const nobodys = await second.send(mail('a@nobody.example'));
    expect(others.status).toBe(422);
    expect(revealed(others, 'first.example')).toEqual(revealed(nobodys, 'nobody.example'));
    expect((await second.send(mail('a@sub.first.example'))).status).toBe(422);

    const sender = await second.send(mail('a@second.example', 'Sender: b@first.example\r\n'));
    const stranger = await second.send(mail('a@second.example', 'Sender: b@nobody.example\r\n'));
    expect(sender.status).toBe(422);
    expect(revealed(sender, 'first.example')).toEqual(revealed(stranger, 'nobody.example'));
    expect(
      (await second.send(mail('a@second.example', 'Sender: b@second.example\r\n'))).status,
    ).toBe(202);
  });

  test('may claim it, which stays pending and gives nothing away', async () => {
    const claimed = await second.claim('first.example');
    const fresh = await second.claim('nobody.example');
    expect(claimed.status).toBe(201);
    expect(claimed.body.status).toBe('pending');
    expect(claimed.body.sending).toBe(fresh.body.sending);
    expect(Object.keys(claimed.body).sort()).toEqual(Object.keys(fresh.body).sort());

    const checked = await second.check('first.example');
    expect(checked.body.status).toBe('pending');
    expect(checked.body.sending).toBe('preparing');
    expect((await second.send(mail('a@first.example'))).status).toBe(422);
    expect((await first.domain('first.example')).body.status).toBe('verified');
    expect((await first.send(mail('a@first.example'))).status).toBe(202);
  });

  test("cannot read another's messages", async () => {
    const sent = await first.send(mail('a@first.example'));
    expect(sent.status).toBe(202);
    const theirs = await second.message(sent.body.id);
    const nobodys = await second.message('m_aaaaaaaaaaaaaaaaaaaaaaaaaa');
    expect(theirs.status).toBe(404);
    expect(revealed(theirs, sent.body.id)).toEqual(
      revealed(nobodys, 'm_aaaaaaaaaaaaaaaaaaaaaaaaaa'),
    );
    const list = await second.request('GET', '/v1/messages?domain=first.example');
    expect(list.body).toEqual({ messages: [], cursor: null });
  });

  test('with a revoked key is refused at once', async () => {
    const third = await service.newTenant('third');
    expect((await third.request('GET', '/v1/domains')).status).toBe(200);
    await service.revoke(third.key);
    expect((await third.request('GET', '/v1/domains')).status).toBe(403);
  });
});

const exceeded = (budget: string) => ({ status: 429, code: 'budget-exceeded', budget });

describe('a tenant over a limit', () => {
  interface Limited {
    code: string;
    budget: string;
    retryAfter: number;
  }
  const over = ({ status, body, headers }: Answer<unknown>) => {
    const { code, budget, retryAfter } = body as Limited;
    expect(headers.get('retry-after')).toBe(String(retryAfter));
    return { status, code, budget };
  };

  test('is answered with the budget and when to try again, and others are not', async () => {
    const limited = await service.newTenant('limited');
    const changes = ['claims-hour=2', 'deletions-hour=1', 'checks=1', 'invitations-day=1'];
    await service.limit('limited', ...changes);
    const claimed = await limited.claim('a.limited.example');
    expect(claimed.status).toBe(201);
    expect(claimed.headers.get('ratelimit')).toMatch(/"claims-hour";r=1;t=\d+/);
    expect((await limited.claim('b.limited.example')).status).toBe(201);
    expect(over(await limited.claim('c.limited.example'))).toEqual(exceeded('claims-hour'));
    expect((await second.claim('c.limited.example')).status).toBe(201);

    await limited.check('a.limited.example');
    expect(over(await limited.check('b.limited.example'))).toEqual(exceeded('checks'));

    const invite = (email: string) => limited.request('POST', '/v1/users', { json: { email } });
    expect((await invite('ann@limited.example')).status).toBe(201);
    expect(over(await invite('bob@limited.example'))).toEqual(exceeded('invitations-day'));

    const remove = (name: string) => limited.request('DELETE', `/v1/domains/${name}`);
    expect((await remove('a.limited.example')).status).toBe(202);
    expect(over(await remove('b.limited.example'))).toEqual(exceeded('deletions-hour'));
    // Nothing points at it, so that its place is free again.
    await until(
      'the place of the deleted domain',
      () => limited.domain('a.limited.example'),
      ({ status }) => status === 404,
    );

    const { body } = await limited.request<{ limits: object[] }>('GET', '/v1/limits');
    expect(body.limits).toContainEqual(
      expect.objectContaining({ budget: 'claims-hour', limit: 2, remaining: 0 }),
    );
    expect(body.limits).toContainEqual(
      expect.objectContaining({ budget: 'pending-claims', limit: 50, remaining: 49 }),
    );
  });

  test('sends to so many recipients, and lists of records wait one at a time', async () => {
    const limited = await service.newTenant('few');
    await service.limit('few', 'recipients-minute=2', 'recipients-day=2');
    await onboard(service, limited, 'few.example');
    expect((await limited.send(mail('a@few.example'))).status).toBe(202);
    expect((await limited.send(mail('a@few.example'))).status).toBe(202);
    expect(over(await limited.send(mail('a@few.example')))).toEqual(exceeded('recipients-day'));

    await limited.claim('waits.few.example');
    const path = '/v1/domains/waits.few.example/records?format=bind';
    const lists = await Promise.all([1, 2, 3].map(() => limited.request('GET', path)));
    const refused = lists.filter(({ status }) => status === 429);
    expect(refused.map(over)).toEqual(refused.map(() => exceeded('waiting-records')));
    expect(lists.some(({ status }) => status === 200)).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
  });
});

/** Returns a function that lists the events which a tenant's endpoint received of a domain. */
async function webhookOf(api: Api): Promise<(domain: string) => Promise<string[]>> {
  const made = await api.request('POST', '/v1/webhooks', {
    json: { url: 'https://hooks.test/in', events: ['domain.verified', 'domain.lost'] },
  });
  expect(made.status).toBe(201);
  const path = `/v1/webhooks/${String(made.body['id'])}/deliveries`;
  return async (domain) => {
    const { body } = await api.request<DeliveryPage>('GET', path);
    return body.deliveries.filter(({ data }) => data['domain'] === domain).map(({ type }) => type);
  };
}

test('a domain that moves to another tenant is signed by that one alone after one check, and the loser gets an event', async () => {
  const name = 'moving.example';
  const [receivedByFirst, receivedBySecond] = [await webhookOf(first), await webhookOf(second)];
  await onboard(service, first, name);
  const sent = await first.send(mail(`a@${name}`));
  expect(sent.status).toBe(202);

  expect((await second.claim(name)).status).toBe(201);
  expect((await second.send(mail(`a@${name}`))).status).toBe(422);
  await until(
    'the SES record',
    () => second.domain(name),
    ({ body }) => body.records.every(({ value }) => value !== ''),
  );
  await writeFile(join(service.customerDns, `${name}.zone`), await second.wholeZone(name));
  // One check of either detects it; here it is the new holder's.
  const { body: won } = await until(
    'the new holder',
    () => second.check(name),
    ({ body }) => body.status === 'verified',
  );
  expect(won.status).toBe('verified');
  const lost = await first.domain(name);
  expect(lost.body.status).toBe('lost');
  expect(lost.text).not.toContain(await service.ownTenant());

  const refused = await first.send(mail(`a@${name}`));
  const nobodys = await first.send(mail('a@nobody.example'));
  expect(refused.status).toBe(422);
  expect(revealed(refused, name)).toEqual(revealed(nobodys, 'nobody.example'));
  await until(
    'sending',
    () => second.domain(name),
    ({ body }) => body.sending === 'ready',
  );
  expect((await second.send(mail(`a@${name}`))).status).toBe(202);

  await until(
    'the event of the loser',
    () => receivedByFirst(name),
    (types) => types.includes('domain.lost'),
  );
  expect((await receivedByFirst(name)).toSorted()).toEqual(['domain.lost', 'domain.verified']);
  await until(
    'the event of the new holder',
    () => receivedBySecond(name),
    (types) => types.includes('domain.verified'),
  );
  expect(await receivedBySecond(name)).toEqual(['domain.verified']);
  // Another check changes nothing, and sends no further event.
  expect((await first.check(name)).body.status).toBe('lost');
  expect((await receivedByFirst(name)).toSorted()).toEqual(['domain.lost', 'domain.verified']);
});

/** The value that SES gave a domain, as its tenant sees it; empty until then. */
const sesValue = async (api: Api, name: string): Promise<string> =>
  (await api.domain(name)).body.records.find(({ id }) => id === 'ses-identity')!.value;

test('an SES identity that the account had before stays as it is until the operator adopts it', async () => {
  const name = 'foreign.example';
  const account = new SesAccount(service.local);
  const token = await account.makeIdentity(name, `mail.${name}`);
  const proof = `_amazonses.${name}. 60 IN TXT "${token}"\n`;
  const zone = join(service.customerDns, `${name}.zone`);
  await writeFile(zone, proof);
  const before = await account.identity(name);
  expect(before).toMatchObject({
    verification: { VerificationStatus: 'Success' },
    mailFrom: { MailFromDomain: `mail.${name}`, BehaviorOnMXFailure: 'RejectMessage' },
  });

  expect((await first.claim(name)).status).toBe(201);
  const { body: held } = await until(
    'the claim held',
    () => first.domain(name),
    ({ body }) => body.sending === 'held',
  );
  expect(held.records.find(({ id }) => id === 'ses-identity')).toMatchObject({
    value: '',
    status: 'preparing',
    hint: expect.stringContaining('operator'),
  });
  await writeFile(zone, `${await first.zoneFile(name)}\n${proof}`);
  const { body: proven } = await until(
    'the proof',
    () => first.check(name),
    ({ body }) => body.status === 'verified',
  );
  expect(proven.sending).toBe('held');
  await service.idle('check');
  expect((await first.request('DELETE', `/v1/domains/${name}`)).status).toBe(202);
  expect(await account.identity(name)).toEqual(before);

  // Claiming it again undoes the deletion.
  expect((await first.claim(name)).status).toBe(201);
  const ports = operator.connect({ state: service.stateDir });
  expect((await operator.run('list', undefined, {}, ports)).join('\n')).toContain(
    `${name}  foreign`,
  );
  await operator.run('adopt', name, {}, ports);
  expect((await operator.run('list', undefined, {}, ports)).join('\n')).toContain('foreign');
  await operator.run('adopt', name, { yes: true }, ports);
  await until(
    'sending by the adopted identity',
    () => first.check(name),
    ({ body }) => body.status === 'verified' && body.sending === 'ready',
    60,
  );
  expect(await sesValue(first, name)).toBe(token);
  expect((await account.identity(name)).mailFrom).toMatchObject({
    MailFromDomain: `bounces.${name}`,
  });
  expect((await first.send(mail(`a@${name}`))).status).toBe(202);
  account.close();
});

test('SES failing for one domain, or having no room for one, holds up no other', async () => {
  const valueOf = (name: string) =>
    until(`the value of ${name}`, () => sesValue(second, name), Boolean, 60);
  service.local.ses.plantFaults({ failIdentities: ['broken.example'] });
  await second.claim('broken.example');
  await second.claim('beside-broken.example');
  expect(await valueOf('beside-broken.example')).not.toBe('');
  expect(await sesValue(second, 'broken.example')).toBe('');
  service.local.ses.plantFaults({ noRoomFor: ['late.example'] });
  await second.claim('late.example');
  await until(
    'the claim held',
    () => second.domain('late.example'),
    ({ body }) => body.sending === 'held',
    60,
  );
  await second.claim('beside-late.example');
  expect(await valueOf('beside-late.example')).not.toBe('');
  expect((await second.domain('late.example')).body.sending).toBe('held');
  service.local.ses.plantFaults({});
});

test('requests without a key, or with a wrong one, are refused', async () => {
  for (const headers of [
    {},
    { authorization: 'Bearer sd_wrong' },
    { authorization: 'Basic abc' },
  ] as Record<string, string>[]) {
    const response = await fetch(`${first.base}/v1/domains`, { headers });
    expect([401, 403]).toContain(response.status);
  }
});
