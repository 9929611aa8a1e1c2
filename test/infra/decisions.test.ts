import { describe, expect, test } from 'vitest';
import { decisionFiles } from '../../docs/generate/decisions.ts';

const SECTIONS = ['Context', 'Options', 'Decision', 'Consequences'];
const REQUIRED = ['Context', 'Decision'];

const all = decisionFiles();

const numberOf = (file: string): number => Number(file.slice(0, 4));

const sectionsOf = (text: string): string[] =>
  [...text.matchAll(/^## (.+)$/gm)].map(([, name = '']) => name);

/** Returns the faults in the form of a decision, in the order of its lines. */
function faultsOf(text: string, number: number): string[] {
  const [title = '', blank, status = '', date = '', after] = text.split('\n');
  const sections = sectionsOf(text);
  const [first] = sections;
  const intro = text.split('\n').slice(5, text.split('\n').indexOf(`## ${first ?? ''}`));
  const checks: [fault: string, isWrong: boolean][] = [
    [`the title is not "# ${number}. ..."`, !title.startsWith(`# ${number}. `)],
    ['no blank line is around status and date', blank !== '' || after !== ''],
    ['the status is unknown', !/^Status: (proposed|accepted|superseded by \d+)$/.test(status)],
    ['the date is no date', !/^Date: \d{4}-\d{2}-\d{2}$/.test(date)],
    ['text is before the first section', intro.join('').trim() !== ''],
    ['a section is missing', REQUIRED.some((name) => !sections.includes(name))],
    [
      'sections are others, or in another order',
      sections.join() !== SECTIONS.filter((name) => sections.includes(name)).join(),
    ],
  ];
  return checks.filter(([, isWrong]) => isWrong).map(([fault]) => fault);
}

describe('decisions', () => {
  // A number may be reserved for a decision that is written at the same time on another branch.
  test('have each a number of their own, in order', () => {
    const numbers = all.map(({ file }) => numberOf(file));
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
    expect(numbers[0]).toBe(1);
  });

  test.each(all.map(({ file, text }) => [file, text, numberOf(file)] as const))(
    '%s has the form',
    (_, text, number) => {
      expect(faultsOf(text, number)).toEqual([]);
    },
  );

  test('without the form are found', () => {
    const good =
      '# 1. Title\n\nStatus: accepted\nDate: 2026-11-29\n\n## Context\n\na\n\n## Decision\n\nb\n';
    expect(faultsOf(good, 1)).toEqual([]);
    expect(faultsOf(good, 2)).toEqual(['the title is not "# 2. ..."']);
    expect(faultsOf(good.replace('accepted', 'done'), 1)).toEqual(['the status is unknown']);
    expect(faultsOf(good.replace('2026-11-29', 'today'), 1)).toEqual(['the date is no date']);
    expect(faultsOf(good.replace('## Context', 'text\n\n## Context'), 1)).toEqual([
      'text is before the first section',
    ]);
    expect(faultsOf(good.replace('## Decision', '## Options'), 1)).toEqual([
      'a section is missing',
    ]);
    expect(faultsOf(`${good}\n## Options\n\nc\n`, 1)).toEqual([
      'sections are others, or in another order',
    ]);
  });
});
