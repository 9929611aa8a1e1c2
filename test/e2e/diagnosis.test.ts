import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until, type DomainDocument } from './support/api.ts';
import { startService, type Service } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

const name = 'mistakes.example';
let service: Service;
let zone: string;

beforeAll(async () => {
  service = await startService();
  await service.api.claim(name);
  await until(
    'the SES record',
    () => service.api.domain(name),
    ({ body }) => body.records.every(({ value }) => value !== ''),
    30,
  );
  zone = await service.api.zoneFile(name);
});

afterAll(() => service?.stop());

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

test('mistakes in the customer’s zone are each told by their code, and what is right by none', async () => {
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
  expect(url.startsWith(`${service.local.endpoints.api}/v1/shared/`)).toBe(true);
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    'text/html; charset=utf-8',
  ]);
  expect(await page.text()).toContain(`zero._domainkey.${name}`);
  for (const format of ['json', 'bind', 'route53', 'cloudflare', 'terraform']) {
    const shared = await fetch(`${url}?format=${format}`);
    const own = await service.api.request('GET', `/v1/domains/${name}/records?format=${format}`);
    expect([shared.status, own.status]).toEqual([200, 200]);
    expect(await shared.text()).toBe(own.text);
  }
  expect((await fetch(`${url.slice(0, -4)}aaaa`)).status).toBe(404);
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
