import { expect, test } from 'vitest';
import { publishedEvent, switchedOffEvent } from '#shared/core/model/event.ts';
import { messageHandler } from '#shared/runtime/handler.ts';
import { noteEvent } from '../../../../lambdas/event-log/note-event.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { givenContext, givenMessages } from '../../../fakes/given-messages.ts';
import { MemoryHistory } from '../../../fakes/history.ts';

test('each event is noted; those that cannot be come again alone', async () => {
  const history = new MemoryHistory();
  const claim = givenClaim();
  const event = publishedEvent(claim, '2026-11-20T10:00:00.000Z');
  const reported: unknown[] = [];
  const declaration = {
    name: 'example',
    description: 'An example',
    wokenBy: { api: true },
  } as const;
  const failed = (error: unknown): number => reported.push(error);
  const handler = messageHandler(declaration, { work: noteEvent, failed }, () => history);
  const { batchItemFailures } = await handler(
    givenMessages({
      a: JSON.stringify({ detail: event }),
      b: 'not JSON',
      c: JSON.stringify({ detail: event }),
    }),
    givenContext(),
  );
  expect(batchItemFailures).toEqual([{ itemIdentifier: 'b' }]);
  expect(reported).toEqual([expect.any(SyntaxError)]);
  expect((await history.of(claim, { limit: 10 })).events).toEqual([event]);
});

test('an event that is about no domain is in no history', async () => {
  const noted: unknown[] = [];
  const history = { note: async (event: unknown) => void noted.push(event) };
  const webhook = { id: 'wh_a', tenant: givenClaim().tenant, url: 'https://hooks.example/' };
  const at = '2026-11-20T10:00:00.000Z';
  const detail = switchedOffEvent(webhook, { since: at, reason: 'answered 410' }, at);
  await noteEvent(history, JSON.stringify({ detail }));
  expect(noted).toEqual([]);
});
