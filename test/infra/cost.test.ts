import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deployed, deployedFile } from '../../docs/generate/deployed.ts';

it('the command "cost" knows what a deployment has; `npm run docs` writes it', () => {
  expect(JSON.parse(readFileSync(deployedFile, 'utf8'))).toEqual(deployed());
});
