import { expect, test } from 'vitest';
import { log } from '../../../../lambdas/flattener/log.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { logged } = recordedLog();

type Args = Parameters<typeof log>;
const item = { domain: 'example.com', include: 'include:senders.example' } as Args[0];

test.each<[Args[1], string[]]>([
  ['unchanged', []],
  ['held', ['warn']],
  ['failed', ['warn']],
  ['published', ['info']],
])('an include that is %s is logged', (outcome, levels) => {
  log(item, outcome);
  expect(logged.map(({ level }) => level)).toEqual(levels);
});
