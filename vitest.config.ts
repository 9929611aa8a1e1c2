import { configDefaults, defineConfig } from 'vitest/config';
import { OwnServiceFirst } from './test/e2e/support/sequence.ts';
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
    // A machine that is busy takes its time; what comes ends the wait.
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
    // Workers use all cores as it is: V8's parallel collection takes a third more of their time.
    execArgv: ['--single-threaded-gc'],
    ...more,
  },
});

/** Modules are loaded by Node itself, which needs no transformation of them. */
const byNode = { experimental: { viteModuleRunner: false } };
/** A worker loads each module once for all its files: loading took half of the time of the suites. */
const oneLoad = { ...byNode, isolate: false };

export default defineConfig({
  test: {
    sequence: { sequencer: OwnServiceFirst },
    projects: [
      suite('unit', 120_000, { ...oneLoad, setupFiles: 'test/unit/setup.ts' }),
      suite('contract', 120_000, oneLoad),
      // The CDK takes seconds to load, and so does each synthesis, kept beside it. One file replaces a
      // module, which Node's loader does not do for what is loaded.
      suite('infra', 300_000, { isolate: false }),
      suite('local', 120_000, oneLoad),
      // None beside other tests (see all.ts): what these wait for is bounded in seconds. Files of a
      // worker share a service and a browser.
      suite('e2e', 300_000, {
        ...oneLoad,
        maxWorkers: 3,
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
