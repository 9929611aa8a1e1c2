import { writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until, type DomainDocument } from './support/api.ts';
import { publishKey } from '../../cli/domain-connect.ts';
import { startProvider, type Provider } from './support/provider.ts';
import { startService, type Service } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

const name = 'mistakes.example';
let service: Service;
let provider: Provider;
let zone: string;

beforeAll(async () => {
  provider = await startProvider(() => ({ folder: service.customerDns, dnsPort: service.dnsPort }));
  service = await startService({
    internet: provider.internet,
    config: {
      domainConnect: {
        providerId: 'example.net',
        providerName: 'Example',
        serviceName: 'Sender domains',
        dashboard: 'app.example.net',
      },
    },
  });
  await service.api.claim(name);
  await until(
    'the SES record',
    () => service.api.domain(name),
    ({ body }) => body.records.every(({ value }) => value !== ''),
    30,
  );
  zone = await service.api.zoneFile(name);
});

afterAll(async () => {
  await service?.stop();
  provider?.close();
});

type Coded = DomainDocument['records'][number] & { code: string | null };

const codesOf = ({ records }: DomainDocument): Record<string, string> =>
  Object.fromEntries(
    (records as Coded[]).flatMap(({ id, code }) => (code === null ? [] : [[id, code]])),
  );

/** Puts a zone in place and checks until the codes are these; a check under way may have seen the zone before. */
async function codesWith(
  text: string,
  codes: Record<string, string>,
): Promise<Record<string, string>> {
  await writeFile(join(service.customerDns, `${name}.zone`), text);
  const { body } = await until(
    `the codes ${JSON.stringify(codes)}`,
    () => service.api.check(name),
    (answer) => answer.status === 200 && isDeepStrictEqual(codesOf(answer.body), codes),
    30,
  );
  return codesOf(body);
}

test('mistakes in the customer’s zone each have their code, and right records have none', async () => {
  const include = /include:_spf\S+/.exec(zone)![0];
  const wrong = zone
    .replace(/^(zero\._domainkey.* CNAME ).*$/m, '$1key.provider.example.')
    .replace(/^(_amazonses.* TXT )"(.*)"$/m, String.raw`$1"\"$2\""`)
    .replace(/^(_dmarc.*) CNAME .*$/m, '$1 TXT "v=DMARC1; p=quarantine"')
    .replace(`"v=spf1 ${include} ~all"`, `"v=spf1 ~all ${include}"`);
  const mistakes = {
    'dkim-zero': 'other-provider',
    'ses-identity': 'form-residue',
    dmarc: 'dmarc-own-record',
    spf: 'spf-include-after-all',
  };
  expect(await codesWith(wrong, mistakes)).toEqual(mistakes);
  expect(await codesWith(zone, {})).toEqual({});
});

test('a share link shows the records to who has no API key, and every export comes in its form', async () => {
  const made = await service.api.request<{ url: string }>(
    'POST',
    `/v1/domains/${name}/share-links`,
  );
  expect(made.status).toBe(201);
  const { url } = made.body;
  const { api } = service.local.endpoints;
  expect(url.startsWith(`${api}/v1/hand-over#`)).toBe(true);
  const token = new URL(url).hash.slice(1);
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    'text/html; charset=utf-8',
  ]);
  const ask = (path: string, body: object) =>
    fetch(`${api}/v1/hand-over${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect(await (await ask('/records', { token })).text()).toContain(`zero._domainkey.${name}`);
  for (const format of ['json', 'bind', 'route53', 'cloudflare', 'terraform']) {
    const shared = await ask('/exports', { token, format });
    const own = await service.api.request('GET', `/v1/domains/${name}/records?format=${format}`);
    expect([shared.status, own.status]).toEqual([200, 200]);
    expect(await shared.text()).toBe(own.text);
  }
  expect((await ask('/records', { token: `${token.slice(0, -4)}aaaa` })).status).toBe(404);
  // A link of an earlier release has the token in its path, and still opens.
  const former = await fetch(`${api}/v1/shared/${token}`, {
    headers: { accept: 'text/html' },
    redirect: 'manual',
  });
  expect([former.status, former.headers.get('location')]).toEqual([302, `/v1/hand-over#${token}`]);
});

test('a domain without a CNAME: TXT values to copy, proven by the keys, and mail that verifies', async () => {
  const own = 'own-keys.example';
  const claimed = await service.api.request('POST', '/v1/domains', {
    json: { name: own, hosting: 'self' },
  });
  expect(claimed.status).toBe(201);
  await until(
    'the SES record',
    () => service.api.domain(own),
    ({ body }) => body.records.every(({ value }) => value !== ''),
    30,
  );
  const text = await service.api.zoneFile(own);
  expect(text).not.toContain('CNAME');
  await writeFile(join(service.customerDns, `${own}.zone`), text);
  const { body } = await until(
    'verified and ready',
    () => service.api.check(own),
    (answer) => answer.body.status === 'verified' && answer.body.sending === 'ready',
    60,
  );
  expect(codesOf(body)).toEqual({});
  const before = (await service.outbox()).length;
  const sent = await service.api.send(
    `From: Ann <ann@${own}>\r\nTo: success@simulator.amazonses.com\r\nSubject: Own\r\n\r\nHello.\r\n`,
  );
  expect(sent.status).toBe(202);
  const mails = await until(
    'the mail',
    async () => (await service.outbox()).slice(before),
    (found) => found.length === 1,
    30,
  );
  expect(await mailauth(service.dnsPort)([mails[0]!.delivered], own)).toEqual(['pass']);
});

interface Link {
  supported: boolean;
  provider: string | null;
  applyUrl: string | null;
  reason: string | null;
}

test('a DNS provider that verifies the link by our DNS creates the records, and the domain is verified', async () => {
  const linkFor = async (domain: string) =>
    (await service.api.request<Link>('GET', `/v1/domains/${domain}/domain-connect`)).body;
  const ready = (domain: string) =>
    until(
      `a link for ${domain}`,
      () => linkFor(domain),
      ({ reason }) => reason !== 'preparing' && reason !== 'not-offered',
      30,
    );
  const zone = 'connected.example';
  const own = { name: zone, type: 'TXT', value: 'v=spf1 ip4:192.0.2.1 -all' };
  await provider.host(zone, [own]);
  await service.api.claim(zone);
  await until(
    'the check',
    () => linkFor(zone),
    ({ reason }) => reason === 'no-template',
    30,
  );

  const printed = execFileSync(process.execPath, ['cli/domain-connect.ts', 'template'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, SENDER_DOMAINS_CONFIG: join(service.stateDir, 'config.json') },
  });
  provider.onboard(JSON.parse(printed) as Parameters<Provider['onboard']>[0]);
  expect(await linkFor(zone)).toMatchObject({ supported: false, reason: 'not-offered' });
  await publishKey({ state: service.stateDir });

  const { applyUrl, provider: name } = await ready(zone);
  expect(name).toBe('Provider');
  const forged = applyUrl!.replace(/(?<=[?&]label=)./, (first) => (first === 'a' ? 'b' : 'a'));
  expect(await provider.follow(forged)).toMatchObject({
    status: 400,
    said: 'the signature does not verify',
  });
  const { status, location } = await provider.follow(applyUrl!);
  expect(status).toBe(302);
  expect(location).toMatch(
    /^https:\/\/app\.example\.net\/domains\/connected\.example\/set-up\?state=[a-z2-7]{26}$/,
  );
  const { body } = await until(
    `${zone} verified`,
    () => service.api.check(zone),
    (answer) =>
      answer.body.status === 'verified' &&
      answer.body.records.every((record) => record.status === 'ok'),
    60,
  );
  expect(codesOf(body)).toEqual({});
  expect(provider.records(zone).filter((each) => each.name === zone)).toEqual([
    {
      ...own,
      value: expect.stringMatching(/^v=spf1 ip4:192\.0\.2\.1 include:_spf\.\S+ ~all$/) as string,
    },
  ]);

  const below = `mail.${zone}`;
  await service.api.claim(below);
  const link = await ready(below);
  expect(new URL(link.applyUrl!).searchParams.get('host')).toBe('mail');
  expect((await provider.follow(link.applyUrl!)).status).toBe(302);
  await until(
    `${below} verified`,
    () => service.api.check(below),
    (answer) => answer.body.status === 'verified',
    60,
  );
});
