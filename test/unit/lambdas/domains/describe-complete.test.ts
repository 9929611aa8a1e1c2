import { describe, expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com' as DomainName;
const path = '/v1/domains/example.com/records';

const identity = (testEnvironment: ReturnType<typeof givenTestEnvironment>) => ({
  domain,
  status: 'preparing' as const,
  token: 'token-of-ses',
  mailFrom: 'bounces.example.com',
  requestedAt: testEnvironment.now(),
  polledAt: testEnvironment.now(),
});

describe('the records of a young claim', () => {
  test('are handed out once SES gave its value', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com');
    let polls = 0;
    const getMany = testEnvironment.identities.getMany.bind(testEnvironment.identities);
    testEnvironment.identities.getMany = async (domains) => {
      polls += 1;
      if (polls === 5) await testEnvironment.identities.put(identity(testEnvironment));
      return getMany(domains);
    };
    const { text } = await testEnvironment.ask('GET', path, { query: { format: 'bind' } });
    expect(text).toContain('token-of-ses');
  });

  test('are handed out as they are where SES takes long', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com');
    const asked = Date.parse(testEnvironment.now());
    const { body } = await testEnvironment.ask('GET', path);
    expect(body.records.find(({ id }) => id === 'ses-identity')?.value).toBe('');
    expect(Date.parse(testEnvironment.now()) - asked).toBe(15_000);
  });

  test('of an older claim are never waited for', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com');
    testEnvironment.pass(60);
    const asked = testEnvironment.now();
    await testEnvironment.ask('GET', path);
    expect(testEnvironment.now()).toBe(asked);
  });
});
