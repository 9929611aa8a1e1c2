import { expect, test } from 'vitest';
import { failedItems } from '../../../local/runtime/event-sources/batch-result.ts';

const answered = (answer: unknown) =>
  ({ answered: true, payload: JSON.stringify(answer) }) as const;
const all = ['a', 'b', 'c'];

test.each([
  ['no failures', { batchItemFailures: [] }, []],
  ['no list', {}, []],
  ['a list that is null', { batchItemFailures: null }, []],
  ['null', null, []],
  ['one failure', { batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
  ['an identifier that is empty', { batchItemFailures: [{ itemIdentifier: '' }] }, all],
  ['an identifier that is null', { batchItemFailures: [{ itemIdentifier: null }] }, all],
  ['a wrong name', { batchItemFailures: [{ id: 'b' }] }, all],
  ['an identifier that is not of the batch', { batchItemFailures: [{ itemIdentifier: 'x' }] }, all],
  ['text', 'ok', all],
])('an answer with %s fails what Lambda says it fails', (_, answer, failed) => {
  expect([...failedItems(answered(answer), all, true)]).toEqual(failed);
});

test('without partial failures any answer is a success', () => {
  expect(failedItems(answered('whatever'), all, false).size).toBe(0);
});

test('a failed function fails the batch', () => {
  const outcome = { answered: false, error: { errorType: 'E', errorMessage: 'm' } } as const;

  expect([...failedItems(outcome, all, true)]).toEqual(all);
});
