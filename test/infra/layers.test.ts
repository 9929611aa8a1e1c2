import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

/** The planted texts, by their file. */
const planted = new Map<string, string>();

/** Plants a file beside the name that is given, and returns the name that it has. */
function plant(path: string, text: string): string {
  const file = path.replace('planted', `planted-${planted.size}`);
  planted.set(file, text);
  return file;
}

const plantImport = (path: string, from: string): string =>
  plant(path, `import { something } from '${from}';\n\nexport const it = something;\n`);

/** Plants the import of each row, and adds the file that has it. */
const plantEach = <Row extends readonly [path: string, from: string, ...string[]]>(
  rows: readonly Row[],
): [...Row, string][] => rows.map((row) => [...row, plantImport(row[0], row[1])]);

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly help?: string;
  readonly filename: string;
}

let findings: readonly Finding[];

/** Returns the linter's findings in a file, as text. */
const said = (file: string): string =>
  findings
    .filter(({ filename }) => filename === file)
    .map(({ code, message, help }) => `${code}: ${message} ${help ?? ''}`)
    .join('\n');

// All files in one checkout, with our linter's configuration, linted once: the linter's start takes
// longer than all of its checks here.
beforeAll(async () => {
  const checkout = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    copyFileSync(join(repository, 'oxlint.config.ts'), join(checkout, 'oxlint.config.ts'));
    symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'));
    for (const [path, text] of planted) {
      const file = join(checkout, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    findings = await lint(checkout);
  } finally {
    rmSync(checkout, { recursive: true });
  }
});

/** Lints a checkout, with warnings denied, which the linter must then refuse. */
async function lint(checkout: string): Promise<readonly Finding[]> {
  const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [oxlint, '--deny-warnings', '--format', 'json', '--ignore-pattern', 'node_modules'],
    { cwd: checkout, encoding: 'utf8' },
  );
  expect(status, stderr).toBe(1);
  return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics;
}

describe('the linter', () => {
  it.each(
    plantEach([
      ['shared/core/model/planted.ts', '@aws-sdk/client-kms', 'core is pure'],
      ['shared/core/dkim/planted.ts', '../../app/ports/zone.ts', 'core is pure'],
      ['shared/core/dkim/header/planted.ts', '#shared/adapters/aws/sqs.ts', 'core is pure'],
      ['shared/core/dkim/planted.ts', '#shared/adapters/dns/resolver.ts', 'core is pure'],
      ['shared/core/dmarc/planted.ts', '../../adapters/dns/resolver.ts', 'core is pure'],
      ['shared/core/records/planted.ts', '../../runtime/variables.ts', 'core is pure'],
      ['shared/core/spf/planted.ts', 'node:fs', 'core is pure'],
      ['shared/core/mail/planted.ts', 'node:dns/promises', 'core is pure'],
      ['shared/core/reports/planted.ts', '../../adapters/aws/sqs.ts', 'core is pure'],
      ['shared/core/reports/planted.ts', '#shared/app/ports/clock.ts', 'core is pure'],
      ['shared/core/model/planted.ts', '../../adapters/webhooks/post.ts', 'core is pure'],
      ['shared/core/model/planted.ts', '../../app/rotation/gate.ts', 'core is pure'],
      ['shared/core/model/planted.ts', '#shared/async/retry.ts', 'core is pure'],
      ['shared/core/model/planted.ts', '#shared/api/problem.ts', 'core is pure'],
      ['shared/core/model/planted.ts', '../../../lambdas/signer/deliver.ts', 'core is pure'],
      ['shared/async/planted.ts', '#shared/runtime/log.ts', 'async imports only core'],
      ['shared/async/planted.ts', '../app/ports/clock.ts', 'async imports only core'],
      ['shared/async/planted.ts', 'node:net', 'async imports only core'],
      ['shared/app/ports/planted.ts', '@aws-sdk/client-sqs', 'app imports only'],
      ['shared/app/ports/planted.ts', '../../adapters/aws/sqs.ts', 'app imports only'],
      ['shared/app/ports/planted.ts', '#shared/adapters/webhooks/post.ts', 'app imports only'],
      ['shared/app/ports/planted.ts', 'node:net', 'app imports only'],
      ['shared/app/checks/planted.ts', '../../adapters/aws/sqs.ts', 'app imports only'],
      ['shared/app/checks/evaluate/planted.ts', '../../../adapters/aws/sqs.ts', 'app imports only'],
      ['shared/app/checks/planted.ts', '#shared/adapters/dns/resolver.ts', 'app imports only'],
      ['shared/app/sending/planted.ts', '@aws-sdk/client-ses', 'app imports only'],
      ['shared/app/sending/planted.ts', '../../api/problem.ts', 'app imports only'],
      ['shared/app/rotation/planted.ts', 'node:dgram', 'app imports only'],
      ['shared/adapters/aws/planted.ts', 'aws-cdk-lib', 'adapters import only'],
      ['shared/adapters/aws/planted.ts', '#shared/api/problem.ts', 'adapters import only'],
      [
        'shared/adapters/dns/planted.ts',
        '../../../lambdas/signer/deliver.ts',
        'adapters import only',
      ],
      ['shared/api/planted.ts', '../adapters/aws/sqs.ts', 'api imports only'],
      ['shared/api/planted.ts', '@aws-sdk/client-s3', 'api imports only'],
      ['shared/runtime/planted.ts', '@aws-sdk/client-s3', 'runtime imports only'],
      ['shared/runtime/planted.ts', '../app/ports/clock.ts', 'runtime imports only'],
      ['lambdas/signer/planted.ts', 'aws-cdk-lib', 'A function imports its own'],
      [
        'lambdas/signer/planted.ts',
        '../../shared/core/model/claim.ts',
        'A function imports its own',
      ],
      ['lambdas/signer/planted.ts', '../relay/nudges.ts', 'A function imports its own'],
      ['lambdas/signer/planted.ts', '@aws-sdk/client-ses', 'A function imports its own'],
      ['infra/stacks/planted.ts', '../../lambdas/signer/deliver.ts', 'infra imports function.ts'],
      ['infra/stacks/planted.ts', '#shared/core/model/claim.ts', 'infra imports function.ts'],
      ['infra/stacks/planted.ts', '../../shared/core/model/claim.ts', 'infra imports function.ts'],
      ['infra/stacks/planted.ts', '@aws-sdk/client-kms', 'infra imports function.ts'],
      ['infra/stacks/planted.ts', '../../cli/command.ts', 'infra imports function.ts'],
      ['lambdas/signer/planted.ts', '../../cli/command.ts', 'A function imports its own'],
      ['shared/app/checks/planted.ts', '../../../cli/command.ts', 'app imports only'],
      ['local/planted.ts', '../infra/app.ts', 'local is a package'],
      ['local/runtime/planted.ts', '../../lambdas/signer/handler.ts', 'local is a package'],
      ['local/runtime/planted.ts', '#shared/core/model/names.ts', 'local is a package'],
      ['local/aws/planted.ts', '../../shared/core/model/names.ts', 'local is a package'],
      ['local/runtime/planted.ts', '../../cli/service/tenant.ts', 'local is a package'],
      ['local/template/planted.ts', 'aws-cdk-lib', 'local is a package'],
      ['cli/planted.ts', '../infra/config.ts', 'Nothing imports infra'],
      ['cli/service/planted.ts', '../../lambdas/signer/handler.ts', 'Nothing imports infra'],
      ['dashboard/src/planted.ts', '../../infra/config.ts', 'Nothing imports infra'],
    ]),
  )('refuses that %s imports %s', (_path, _from, message, file) => {
    expect(said(file)).toContain(message);
  });

  it.each(
    plantEach([
      ['shared/core/dkim/planted.ts', '../model/names.ts'],
      ['shared/core/records/planted.ts', '#shared/core/dkim/key-record.ts'],
      ['shared/core/dmarc/planted.ts', '../reports/totals.ts'],
      ['shared/async/planted.ts', '#shared/core/model/errors.ts'],
      ['shared/runtime/planted.ts', '#shared/core/model/errors.ts'],
      ['shared/runtime/planted.ts', '@aws-lambda-powertools/logger'],
      ['shared/app/ports/planted.ts', '#shared/core/model/claim.ts'],
      ['shared/app/checks/evaluate/planted.ts', '../../ports/resolver.ts'],
      ['shared/app/checks/planted.ts', './holder.ts'],
      ['shared/app/rotation/planted.ts', '#shared/async/retry.ts'],
      ['shared/app/sending/planted.ts', '#shared/runtime/log.ts'],
      ['shared/adapters/dns/planted.ts', 'node:dgram'],
      ['shared/adapters/dns/planted.ts', '#shared/app/ports/resolver.ts'],
      ['shared/adapters/webhooks/planted.ts', 'node:https'],
      ['shared/adapters/aws/planted.ts', '@aws-sdk/client-kms'],
      ['shared/api/planted.ts', '#shared/core/model/claim.ts'],
      ['shared/api/planted.ts', '#shared/app/ports/tenant-store.ts'],
      ['lambdas/signer/planted.ts', '#shared/adapters/aws/sqs.ts'],
      ['lambdas/signer/planted.ts', './deliver.ts'],
      ['infra/stacks/planted.ts', '#shared/runtime/variables.ts'],
      ['infra/stacks/planted.ts', '#shared/api/routes/routes.ts'],
      ['infra/stacks/planted.ts', '../../lambdas/signer/function.ts'],
      ['infra/stacks/planted.ts', 'aws-cdk-lib/aws-sqs'],
      ['local/runtime/planted.ts', '../aws/gateway.ts'],
      ['local/runtime/lambda/planted.ts', '../../runtime/lock.ts'],
      ['cli/service/planted.ts', '../../local/runtime/run.ts'],
      ['cli/service/planted.ts', '#shared/core/model/names.ts'],
    ]),
  )('lets %s import %s', (_path, _from, file) => {
    expect(said(file)).toBe('');
  });

  const folders = readdirSync(join(repository, 'shared'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const everywhere = folders.map((folder) =>
    plantImport(`shared/${folder}/planted.ts`, 'aws-cdk-lib'),
  );

  it('has a rule for every folder of shared', () => {
    expect(folders.toSorted()).toEqual(['adapters', 'api', 'app', 'async', 'core', 'runtime']);
    for (const file of everywhere) expect(said(file)).toContain('no-restricted-imports');
  });

  const circle = ['a', 'b'].map((name, index) =>
    plant(
      `shared/core/circle-${name}.ts`,
      `import type { ${'BA'[index]} } from './circle-${'ba'[index]}.ts';\n\nexport type ${'AB'[index]} = ${'BA'[index]}[];\n`,
    ),
  );

  it('refuses a circle of imports, one of types only too', () => {
    for (const file of circle) expect(said(file)).toContain('import(no-cycle)');
  });
});
