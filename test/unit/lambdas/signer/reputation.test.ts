import { expect, test } from 'vitest';
import type { LeaseRequest } from '#shared/core/model/rate-lease.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { TestEnvironment } from './test-environment.ts';

const HOUR_MS = 3_600_000;

async function given() {
  const env = new TestEnvironment();
  const claim = await env.givenHeld('example.com');
  const work = await env.givenAccepted(claim);
  const pause = (domain?: DomainName) =>
    env.reputations.move({ tenant: work.tenant, domain }, 'good', 'paused', env.now.toISOString());
  const message = async () => (await env.messages.get(work.tenant, work.id))!.message;
  const later = (ms: number) => {
    env.now = new Date(env.now.getTime() + ms);
  };
  return { env, claim, work, pause, message, later };
}

test.each([
  ['the tenant', undefined],
  ['its domain', 'example.com' as DomainName],
])(
  'mail waits while %s is paused, and goes out once the operator resumes it',
  async (_who, domain) => {
    const { env, work, pause, message, later } = await given();
    await pause(domain);
    await env.send([work]);
    expect(env.mailer.accepted).toEqual([]);
    expect((await message()).held).toMatchObject({ code: 'sending-paused' });
    expect(env.outbound.sent).toHaveLength(1);
    await env.reputations.reset({ tenant: work.tenant, domain }, false, env.now.toISOString());
    later(16_000);
    await env.send([work]);
    expect(env.mailer.accepted).toHaveLength(1);
    expect((await message()).held).toBeUndefined();
  },
);

test('mail that waited 72 hours is refused, with the reason', async () => {
  const { env, work, pause, later } = await given();
  await pause();
  await env.send([work]);
  later(71 * HOUR_MS);
  await env.send([work]);
  expect((await env.recipientBatches(work))[0]!.state).toBe('queued');
  later(HOUR_MS);
  await env.send([work]);
  const [batch] = await env.recipientBatches(work);
  expect(batch).toMatchObject({ state: 'refused' });
  expect(batch!.reason).toMatch(/^sending-paused: for 72 hours/);
});

test('others notice nothing', async () => {
  const { env, pause } = await given();
  await pause();
  const other = await env.givenHeld('example.org');
  await env.send([await env.givenAccepted(other)]);
  expect(env.mailer.accepted).toHaveLength(1);
});

test('an exempt sender is not paused, and a slowed one sends', async () => {
  const { env, work } = await given();
  const { tenant } = work;
  const at = env.now.toISOString();
  await env.reputations.reset({ tenant }, true, at);
  await env.reputations.move({ tenant }, 'good', 'paused', at);
  await env.reputations.move({ tenant, domain: 'example.com' as DomainName }, 'good', 'slowed', at);
  await env.send([work]);
  expect(env.mailer.accepted).toHaveLength(1);
});

test('a standing is read once in 15 seconds', async () => {
  const { env, claim, work, later } = await given();
  let reads = 0;
  const among = env.reputations.among.bind(env.reputations);
  env.reputations.among = (subjects, at) => {
    reads += 1;
    return among(subjects, at);
  };
  await env.send([work, await env.givenAccepted(claim), await env.givenAccepted(claim)]);
  expect(reads).toBe(1);
  later(15_001);
  await env.send([await env.givenAccepted(claim)]);
  expect(reads).toBe(2);
});

test('a slowed sender asks for a tenth of the send rate', async () => {
  const { env, work } = await given();
  const asked: (number | undefined)[] = [];
  const { rateLeases } = env.ports;
  const ports = {
    ...env.ports,
    rateLeases: {
      ...rateLeases,
      lease: (request: LeaseRequest) => {
        asked.push(request.share);
        return rateLeases.lease(request);
      },
    },
  };
  const other = await env.givenHeld('example.org');
  await env.reputations.move({ tenant: work.tenant }, 'good', 'slowed', env.now.toISOString());
  await env.send([work], {}, ports);
  await env.send([await env.givenAccepted(other)], {}, ports);
  expect(asked).toEqual([0.1, 1]);
});
