import { defineConfig, type OxlintOverride } from 'oxlint';

const aws = '^@aws-(sdk|lambda-powertools)/';
const cdk = '^(aws-cdk-lib|constructs)';
const io =
  '^node:(fs|net|tls|dgram|http|https|http2|dns|child_process|worker_threads|cluster)(/|$)';

/** Imports, by subpath or relative, of one of these folders of `shared/`. */
const shared = (...folders: string[]): string =>
  `^(#shared|\\.\\.?(/\\.\\.)*)/(${folders.join('|')})/`;
/** Imports of one of these folders of the repository. */
const top = (...folders: string[]): string => `(^|/)(${folders.join('|')})/`;
const outside = top('lambdas', 'infra', 'local', 'cli', 'smtp', 'dashboard');

type Pattern = { message: string } & ({ regex: string } | { group: string[] });

const forbid = (files: string[], pattern: Pattern): OxlintOverride => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [pattern] }] },
});
const layer = (folder: string, message: string, forbidden: string[]) =>
  forbid([`${folder}/**`], { regex: forbidden.join('|'), message });

/** One rule a layer: each imports only those below it. */
const layers = [
  layer('shared/core', 'core is pure: it imports only core.', [
    shared('async', 'runtime', 'app', 'adapters', 'api'),
    `${outside}|${cdk}|${aws}|${io}`,
  ]),
  layer('shared/async', 'async imports only core.', [
    shared('runtime', 'app', 'adapters', 'api'),
    `${outside}|${cdk}|${aws}|${io}`,
  ]),
  layer('shared/runtime', 'runtime imports only core, async and Powertools.', [
    shared('app', 'adapters', 'api'),
    `${outside}|${cdk}|^@aws-sdk/`,
  ]),
  layer('shared/app', 'app imports only core, async and runtime, and has ports for the world.', [
    shared('adapters', 'api'),
    `${outside}|${cdk}|${aws}|${io}`,
  ]),
  layer('shared/adapters', 'adapters import only the layers below and what they adapt.', [
    shared('api'),
    `${outside}|${cdk}`,
  ]),
  layer('shared/api', 'api imports only core, async, runtime and app.', [
    shared('adapters'),
    `${outside}|${cdk}|${aws}`,
  ]),
  layer('lambdas', 'A function imports its own folder and #shared.', [
    '^\\.\\./',
    `${top('infra', 'local', 'cli', 'smtp', 'dashboard')}|${cdk}|^@aws-sdk/`,
  ]),
  layer('smtp', 'smtp imports its own folder and #shared.', [
    `${top('infra', 'local', 'cli', 'lambdas', 'dashboard')}|${cdk}|^@aws-sdk/`,
  ]),
  forbid(['infra/**'], {
    group: ['**/lambdas/**', '!**/lambdas/*/function.ts', '@aws-sdk/*'].concat([
      '**/local/**',
      '**/cli/**',
      '**/smtp/**',
      '!**/smtp/service.ts',
      '../**/shared/**',
      '[#]shared/**',
      '![#]shared/runtime/**',
      '![#]shared/api/routes/**',
    ]),
    message:
      'infra imports function.ts and service.ts files, routes and runtime names, nothing else of lambdas, smtp and shared.',
  }),
  forbid(['cli/**', 'dashboard/**'], {
    regex: [top('infra', 'lambdas'), cdk].join('|'),
    message: 'Nothing imports infra or lambdas: the local run reads what was synthesized.',
  }),
  layer(
    'local',
    'local is a package: it imports only itself, and runs any app from its templates.',
    [`^#|${top('infra', 'lambdas', 'shared', 'cli', 'smtp', 'dashboard')}|${cdk}`],
  ),
];

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['cdk.out', '.local', 'coverage', 'test/fixtures', '**/*.as.ts'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'no-empty': 'error',
    'no-console': 'off',
    'no-await-in-loop': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'import/no-unassigned-import': 'off',
    'unicorn/no-array-sort': 'off',
    'no-shadow': 'off',
    'typescript/consistent-return': 'off',
  },
  overrides: [
    ...layers,
    {
      files: ['test/**', 'bench/**'],
      rules: {
        'typescript/no-non-null-assertion': 'off',
        'vitest/no-conditional-expect': 'off',
        'vitest/valid-expect': ['error', { maxArgs: 2 }],
        'typescript/no-misused-spread': 'off',
      },
    },
  ],
});
