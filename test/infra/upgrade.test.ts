import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository, resourcesOf } from './synthesized.ts';
import { type Stateful, statefulOf } from './stateful.ts';

/** Of deployments that exist. `node test/fixtures/deployed/record.ts` adds what is new. */
const deployed = JSON.parse(
  readFileSync(join(repository, 'test/fixtures/deployed/stateful.json'), 'utf8'),
) as Record<string, Stateful>;
const now = statefulOf(resourcesOf());

describe('an update of a deployment', () => {
  it('replaces or drops nothing that holds state', () => {
    const kept = Object.fromEntries(Object.keys(deployed).map((key) => [key, now[key]]));

    expect(kept).toEqual(deployed);
  });

  it('is held to all that is deployed now: add what is new to the fixture', () => {
    const missing = Object.entries(now).filter(([key]) => !(key in deployed));

    expect(Object.fromEntries(missing)).toEqual({});
  });
});
