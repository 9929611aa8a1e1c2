import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from './synthesized.ts';

const workflows = globSync('.github/workflows/*.yml', { cwd: repository });

test.each(workflows)('%s uses actions of one commit only, which nobody can move', (file) => {
  const text = readFileSync(join(repository, file), 'utf8');
  const used = [...text.matchAll(/\buses: *(\S+.*)$/gm)].map(([, action]) => action);

  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v[\d.]+$/);
});

test('the deployment takes a role by a token of GitHub, and no workflow has a stored secret', () => {
  const texts = workflows.map((file) => readFileSync(join(repository, file), 'utf8'));

  expect(texts.join('\n')).not.toMatch(/\bsecrets\.|AWS_SECRET_ACCESS_KEY/);
  const writing = workflows.filter((_, index) => texts[index]!.includes('id-token: write'));
  expect(writing).toEqual(['.github/workflows/deploy.yml']);
});
