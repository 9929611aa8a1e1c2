import { configDefaults, defineConfig } from 'vitest/config';
import { withoutDynamoDb } from './test/support/without-dynamo-db.ts';

const exclude = [...configDefaults.exclude, ...withoutDynamoDb()];

const suite = (name: string, testTimeout: number, more: object = {}) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    exclude,
    testTimeout,
    hookTimeout: Math.max(testTimeout, 60_000),
    maxWorkers: 2,
    ...more,
  },
});

export default defineConfig({
  test: {
    projects: [
      suite('unit', 30_000),
      suite('contract', 60_000),
      // Modules are loaded once a worker: the CDK takes seconds, and so does each synthesis, kept beside it.
      suite('infra', 300_000, { isolate: false }),
      suite('local', 60_000),
      // None beside other tests: what these wait for is bounded in seconds.
      suite('e2e', 300_000, {
        globalSetup: 'test/e2e/support/shared.ts',
        sequence: { groupOrder: 1 },
      }),
    ],
    coverage: {
      provider: 'v8',
      include: [
        'shared/core/model/**/*.ts',
        'shared/core/mail/**/*.ts',
        'shared/core/dkim/**/*.ts',
        'shared/core/spf/**/*.ts',
        'shared/core/dmarc/**/*.ts',
        'shared/core/records/**/*.ts',
        'shared/core/reports/**/*.ts',
      ],
      exclude: ['**/*.as.ts', '**/kernel/build.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { branches: 95 },
    },
  },
});
