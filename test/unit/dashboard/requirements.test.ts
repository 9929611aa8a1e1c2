import { expect, test } from 'vitest';
import { requirementsOf } from '../../../dashboard/src/domains/requirements.ts';

type Step = Parameters<typeof requirementsOf>[0];

const way = (changes: Partial<Step['ways'][number]> = {}): Step['ways'][number] => ({
  days: { needed: 28, seen: 12 },
  reporters: { needed: 2, seen: 3 },
  messages: { needed: 1000, seen: 1000 },
  passRate: { needed: 0.995, seen: 0.9949 },
  ...changes,
});

const step = (ways: Step['ways']): Step => ({
  tag: 'p',
  from: 'none',
  to: 'quarantine',
  ways,
  failing: { days: 28, known: 0, others: 0 },
});

test('each thing that a step takes is shown with what there is, and whether that is enough', () => {
  const requirements = requirementsOf(step([way(), way({ days: { needed: 56, seen: 56 } })]));
  expect(requirements.map(({ what, usual }) => [what, usual.met])).toEqual([
    ['Days at this stage', false],
    ['Receivers that report', true],
    ['Messages of known sources in these days', true],
    ['Of which passed', false],
  ]);
  expect(requirements[0]?.slow.met).toBe(true);
});

test('a rate that falls short is never rounded up to what is needed', () => {
  const [, , , rate] = requirementsOf(
    step([way(), way({ passRate: { needed: 0.995, seen: 0.995 } })]),
  );
  expect(rate?.usual).toEqual({ met: false, text: '99.4% of 99.5%' });
  expect(rate?.slow).toEqual({ met: true, text: '99.5% of 99.5%' });
});

test('where there was no mail, no rate is enough', () => {
  const none = way({ passRate: { needed: 0.995, seen: null } });
  const [, , , rate] = requirementsOf(step([none, none]));
  expect(rate?.usual).toEqual({ met: false, text: 'no mail yet of 99.5%' });
});
