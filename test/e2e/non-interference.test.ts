import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '#shared/api/routes/index.ts';
import type { Route } from '#shared/api/routes/route.ts';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';

let service: Service;
let rival: Api;
/** Two tenants alike: one asks about what the rival has, the other about what nobody has. */
let contested: Api;
let alone: Api;

const HELD = 'held.example';
const FREE = 'free.example';

beforeAll(async () => {
  service = await startService();
  rival = service.api;
  contested = await service.newTenant('contested');
  alone = await service.newTenant('alone');
  await onboard(service, rival, HELD);
  // DNS is public: it is to say the same of both domains. SES's value is one for all of a domain.
  const zone = await readFile(join(service.customerDns, `${HELD}.zone`), 'utf8');
  const same = zone.replaceAll(/^_amazonses.*\n/gm, '');
  await writeFile(join(service.customerDns, `${HELD}.zone`), same);
  await writeFile(join(service.customerDns, `${FREE}.zone`), same.replaceAll(HELD, FREE));
});

afterAll(() => service?.stop());

const mail = (from: string, to: string): string =>
  `From: ${from}\r\nTo: ${to}\r\nSubject: x\r\n\r\nx\r\n`;

interface Events {
  readonly events: readonly { readonly type: string }[];
}

interface Asked {
  /** The name of the tenant that asks. */
  readonly tenant: string;
  readonly name: string;
  readonly id: string;
  readonly address: string;
}

/** The body of each route that takes one, such that the route does something. */
const bodies: Readonly<Record<string, (asked: Asked) => object | string>> = {
  claimDomain: ({ name }) => ({ name }),
  changeDomain: () => ({ dmarc: { p: 'none' } }),
  rotateDomain: () => ({ reason: 'manual' }),
  decideSource: () => ({ decision: 'ignored' }),
  createWebhook: () => ({ url: 'https://hooks.example.com/in', events: ['domain.verified'] }),
  submitMessage: ({ name, address }) => mail(`a@${name}`, address),
  createUpload: () => ({ size: 100 }),
  addSuppressions: ({ address }) => ({ suppressions: [{ address }] }),
  inviteUser: ({ address }) => ({ email: address }),
  issueApiKey: () => ({ name: 'the shop', scopes: ['messages'] }),
};

async function ask(api: Api, id: string, { method, path }: Route, asked: Asked) {
  const filled = path
    .replace('{name}', asked.name)
    .replace('{id}', asked.id)
    .replace('{address}', encodeURIComponent(asked.address))
    .replace('{source}', '192.0.2.1')
    .replace('{token}', 'of-nothing')
    .replace('{link}', 'of-nothing');
  const body = bodies[id]?.(asked);
  const options =
    typeof body === 'string'
      ? { body, headers: { 'content-type': 'message/rfc822' } }
      : body === undefined
        ? {}
        : { json: body };
  return api.request(method, filled, options);
}

/** An answer without what differs between any two: names, ids, labels, keys, digests and times. */
function revealed({ status, text }: { status: number; text: string }, asked: Asked): unknown {
  const plain = text
    .replaceAll(asked.address, 'ADDRESS')
    .replaceAll(asked.name, 'NAME')
    .replaceAll(asked.id, 'ID')
    .replaceAll(/"(instance|requestId)":"[^"]*"/g, '"$1":""')
    .replaceAll(`"${asked.tenant}"`, '"TENANT"')
    .replaceAll(/"id":"(?:[0-9a-f]{12}|[0-9a-f]{16})"/g, '"id":""')
    .replaceAll(/sha256:[0-9a-f]{12}/g, 'DIGEST')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d{8}T\d{6}Z/g, 'TIME')
    .replaceAll(/(?<![a-z2-7])[a-z2-7]{26}(?![a-z2-7])(?:\.s\d+)?/g, 'LABEL')
    .replaceAll(/[\w+/=-]{32,}/g, 'TOKEN')
    .replaceAll(/"sd_\w+"/g, '"KEY"');
  return { status, answer: plain.startsWith('{') ? JSON.parse(plain, comparable) : plain };
}

/** Lists whose order, at once or within a millisecond, is that of random ids. */
const UNORDERED = ['keys', 'entries'];
/** Calls are counted in blocks, and entries of the log are sealed, by when they come. */
const TIMED = ['remaining', 'resetSeconds', 'seal'];

function comparable(name: string, value: unknown): unknown {
  if (TIMED.includes(name)) return undefined;
  return UNORDERED.includes(name) && Array.isArray(value)
    ? value.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
    : value;
}

/** In the order of the list, but for what ends things, the domain last. */
const all = Object.entries<Route>(routes).toSorted(
  ([one, first], [other, second]) => turnOf(one, first) - turnOf(other, second),
);

function turnOf(id: string, { method }: Route): number {
  if (id === 'deleteDomain') return 2;
  return method === 'DELETE' ? 1 : 0;
}

test('every route answers alike about what a rival has and what nobody has', async () => {
  // The rival's things, whose ids and addresses are asked for.
  const address = 'success@simulator.amazonses.com';
  const sent = await rival.send(mail(`a@${HELD}`, address));
  await rival.request('POST', '/v1/users', { json: { email: 'ann@held.example' } });
  await rival.request('POST', '/v1/suppressions', {
    json: { suppressions: [{ address: 'ann@held.example' }] },
  });
  const theirs: Asked = {
    tenant: 'contested',
    name: HELD,
    id: sent.body.id,
    address: 'ann@held.example',
  };
  const nobodys: Asked = {
    tenant: 'alone',
    name: FREE,
    id: `${sent.body.id.slice(0, -8)}aaaaaaaa`,
    address: 'ann@free.example',
  };
  const pairs = [
    [contested, theirs],
    [alone, nobodys],
  ] as const;

  const answered = new Map<string, number>();
  const seenOfTheirs = new Map<string, unknown>();
  const seenOfNobodys = new Map<string, unknown>();
  for (const [id, route] of all) {
    const [one, other] = await Promise.all(
      pairs.map(async ([api, asked]) => {
        const answer = await ask(api, id, route, asked);
        answered.set(id, answer.status);
        // A check that takes over 2 s is answered 202, as it happens.
        return id === 'checkDomain' && answer.status < 300 ? 'checked' : revealed(answer, asked);
      }),
    );
    seenOfTheirs.set(id, one);
    seenOfNobodys.set(id, other);
    if (id !== 'claimDomain') continue;
    // Values, and the first check, come in turns of their own.
    for (const [api, { name }] of pairs) {
      const unfinished = ['preparing', 'unknown'];
      await until(
        `${name} checked`,
        () => api.check(name),
        ({ body }) =>
          body.records.every(({ value, status }) => value !== '' && !unfinished.includes(status)),
        60,
      );
      // The event of the first publication waits until Route 53 says that all its servers have it.
      await until(
        `${name} published`,
        () => api.request<Events>('GET', `/v1/domains/${name}/events`),
        ({ body }) => body.events.some(({ type }) => type === 'domain.published'),
        60,
      );
    }
  }
  expect(seenOfTheirs).toEqual(seenOfNobodys);
  const done = [...answered].filter(([, status]) => status < 300).map(([id]) => id);
  expect(done.length).toBeGreaterThan(25);
  expect(answered.get('submitMessage')).toBe(422);
}, 180_000);
