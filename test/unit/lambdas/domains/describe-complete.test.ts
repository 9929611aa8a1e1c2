import { describe, expect, test } from 'vitest';
import { givenTestEnvironment } from './test-environment.ts';

const path = '/v1/domains/example.com/records';

describe('the records of a young claim', () => {
  test('are handed out once SES gave its value', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com');
    let polls = 0;
    const views = testEnvironment.identities.views.bind(testEnvironment.identities);
    testEnvironment.identities.views = async (labels) => {
      polls += 1;
      const [label] = labels;
      if (polls === 5 && label !== undefined) {
        const polledAt = testEnvironment.now();
        await testEnvironment.identities.putView({
          label,
          status: 'preparing',
          token: 'token-of-ses',
          polledAt,
        });
      }
      return views(labels);
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
