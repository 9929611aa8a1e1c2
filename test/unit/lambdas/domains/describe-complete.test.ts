import { describe, expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { givenWorld } from './world.ts';

const domain = 'example.com' as DomainName;
const path = '/v1/domains/example.com/records';

const identity = (world: ReturnType<typeof givenWorld>) => ({
  domain,
  status: 'preparing' as const,
  token: 'token-of-ses',
  mailFrom: 'bounces.example.com',
  requestedAt: world.now(),
  polledAt: world.now(),
});

describe('the records of a young claim', () => {
  test('are handed out once SES gave its value', async () => {
    const world = givenWorld();
    await world.claim('example.com');
    let polls = 0;
    const getMany = world.identities.getMany.bind(world.identities);
    world.identities.getMany = async (domains) => {
      polls += 1;
      if (polls === 5) await world.identities.put(identity(world));
      return getMany(domains);
    };
    const { text } = await world.ask('GET', path, { query: { format: 'bind' } });
    expect(text).toContain('token-of-ses');
  });

  test('are handed out as they are where SES takes long', async () => {
    const world = givenWorld();
    await world.claim('example.com');
    const asked = Date.parse(world.now());
    const { body } = await world.ask('GET', path);
    expect(body.records.find(({ id }) => id === 'ses-identity')?.value).toBe('');
    expect(Date.parse(world.now()) - asked).toBe(15_000);
  });

  test('of an older claim are never waited for', async () => {
    const world = givenWorld();
    await world.claim('example.com');
    world.pass(60);
    const asked = world.now();
    await world.ask('GET', path);
    expect(world.now()).toBe(asked);
  });
});
