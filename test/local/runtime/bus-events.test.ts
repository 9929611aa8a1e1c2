import { expect, test } from 'vitest';
import { matches } from '../../../local/runtime/bus-events.ts';

test('a field matches a text that it is, or any but a beginning that it has', () => {
  const others = { 'anything-but': { prefix: 'message.' } };
  expect(matches('domain.lost', 'domain.lost')).toBe(true);
  expect(matches('domain.lost', 'domain.')).toBe(false);
  expect(matches('domain.lost', others)).toBe(true);
  expect(matches('message.sent', others)).toBe(false);
});
