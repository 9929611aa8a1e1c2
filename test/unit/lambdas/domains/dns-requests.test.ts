import { beforeEach, expect, test } from 'vitest';
import { givenTestEnvironment } from './test-environment.ts';

let testEnvironment: ReturnType<typeof givenTestEnvironment>;
const path = '/v1/domains/shop.example';

beforeEach(async () => {
  testEnvironment = givenTestEnvironment();
  await testEnvironment.claim('shop.example');
  testEnvironment.pass(60);
  await testEnvironment.budgetStore.setOwnLimits(testEnvironment.tenant, {
    'dns-requests-minute': 1,
  });
});

const patch = (body: object) =>
  testEnvironment.ask('PATCH', path, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const spf = () => testEnvironment.ask('GET', `${path}/spf`);
const asking: [string, () => ReturnType<typeof spf>][] = [
  ['the permitted senders', spf],
  ['Domain Connect', () => testEnvironment.ask('GET', `${path}/domain-connect`)],
  ['a change of SPF', () => patch({ spf: { add: ['ip4:192.0.2.1'] } })],
  ['a change of the hosting', () => patch({ hosting: 'self' })],
];

test.each(asking)('%s takes from the budget, and is refused over it', async (_name, ask) => {
  expect((await ask()).status).toBe(200);
  for (const [, other] of asking) {
    const { status, body } = await other();
    expect([status, body['budget']]).toEqual([429, 'dns-requests-minute']);
  }
});

test('what asks no DNS is answered over it', async () => {
  expect((await spf()).status).toBe(200);
  const others = [await testEnvironment.ask('GET', path), await patch({ dmarc: { p: 'none' } })];
  expect(others.map(({ status }) => status)).toEqual([200, 200]);
});
