import { expect, test } from 'vitest';
import { publishedEvent } from '#shared/core/model/event.ts';
import { noteEvents } from '../../../../lambdas/historian/note-events.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryHistory } from '../../../fakes/history.ts';

test('each event is noted; those that cannot be come again alone', async () => {
  const history = new MemoryHistory();
  const claim = givenClaim();
  const event = publishedEvent(claim, '2026-11-20T10:00:00.000Z');
  const reported: unknown[] = [];
  const failed = await noteEvents({ history, report: (error) => reported.push(error) }, [
    { messageId: 'a', body: JSON.stringify({ detail: event }) },
    { messageId: 'b', body: 'not JSON' },
    { messageId: 'c', body: JSON.stringify({ detail: event }) },
  ]);
  expect(failed).toEqual(['b']);
  expect(reported).toEqual([expect.any(SyntaxError)]);
  expect((await history.of(claim, { limit: 10 })).events).toEqual([event]);
});
