import { expect, test } from 'vitest';
import type { EventPage } from '#shared/api/routes/events.ts';
import { claimEvents, rotationBlockedEvent } from '#shared/core/model/event.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com' as DomainName;

test('what happened to a domain is listed newest first, in sentences and as webhooks have it', async () => {
  const testEnvironment = givenTestEnvironment();
  await testEnvironment.claim(domain);
  const claim = (await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain }))!;
  const held = { reason: 'cname-missing', detail: 'Add it.', since: '2026-11-21T10:00:00.000Z' };
  for (const event of [...claimEvents(undefined, claim), rotationBlockedEvent(claim, held)]) {
    await testEnvironment.history.note(event);
  }

  const first = await testEnvironment.ask('GET', `/v1/domains/${domain}/events`, {
    query: { limit: '1' },
  });
  expect(first.status).toBe(200);
  const { events, cursor } = first.body as unknown as EventPage;
  expect(events).toMatchObject([
    {
      type: 'rotation.held_back',
      at: held.since,
      summary: 'The move to the next key waits. Add it.',
      data: { domain, reason: 'cname-missing' },
    },
  ]);
  const second = await testEnvironment.ask('GET', `/v1/domains/${domain}/events`, {
    query: { cursor: cursor! },
  });
  expect(second.body).toMatchObject({ events: [{ type: 'domain.claimed' }], cursor: null });
  expect(JSON.stringify(events)).not.toContain(testEnvironment.tenant);
});

test('the history of a domain that is not one’s own is not there', async () => {
  const testEnvironment = givenTestEnvironment();
  await testEnvironment.claim(domain);
  const asked = { as: givenTenant() };
  expect((await testEnvironment.ask('GET', `/v1/domains/${domain}/events`, asked)).status).toBe(
    404,
  );
});

test('an invalid cursor is refused', async () => {
  const testEnvironment = givenTestEnvironment();
  await testEnvironment.claim(domain);
  const { status, body } = await testEnvironment.ask('GET', `/v1/domains/${domain}/events`, {
    query: { cursor: 'x' },
  });
  expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'invalid-cursor' });
});
