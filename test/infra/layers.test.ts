import { execFile } from 'node:child_process';
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
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository } from './synthesized.ts';

/** A checkout with our linter's configuration and nothing in it yet. */
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'layers-'));
  copyFileSync(join(repository, 'oxlint.config.ts'), join(checkout, 'oxlint.config.ts'));
  symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'));
});

afterEach(() => rmSync(checkout, { recursive: true }));

function givenFile(path: string, text: string): void {
  const file = join(checkout, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const givenImport = (path: string, from: string): void =>
  givenFile(path, `import { something } from '${from}';\n\nexport const it = something;\n`);

async function lint(): Promise<{ passes: boolean; output: string }> {
  const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [oxlint, '--deny-warnings', '--format', 'json', '--ignore-pattern', 'node_modules'],
      { cwd: checkout },
    );
    return { passes: true, output: stdout };
  } catch (error) {
    const { stdout, code } = error as { stdout: string; code: number };
    if (code !== 1) throw error;
    return { passes: false, output: stdout };
  }
}

describe('the linter', () => {
  it.each([
    ['shared/core/model/planted.ts', '@aws-sdk/client-kms', 'core is pure'],
    ['shared/core/dkim/planted.ts', '../../app/ports/zone.ts', 'core is pure'],
    ['shared/core/dkim/header/planted.ts', '#shared/adapters/aws/sqs.ts', 'core is pure'],
    ['shared/core/dkim/planted.ts', '#shared/adapters/dns/resolver.ts', 'core is pure'],
    ['shared/core/dmarc/planted.ts', '../../adapters/dns/resolver.ts', 'core is pure'],
    ['shared/core/records/planted.ts', '../../runtime/env.ts', 'core is pure'],
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
    ['lambdas/signer/planted.ts', '../../shared/core/model/claim.ts', 'A function imports its own'],
    ['lambdas/signer/planted.ts', '../relay/nudges.ts', 'A function imports its own'],
    ['lambdas/signer/planted.ts', '@aws-sdk/client-ses', 'A function imports its own'],
    ['infra/stacks/planted.ts', '../../lambdas/signer/deliver.ts', 'infra imports function.ts'],
    ['infra/stacks/planted.ts', '#shared/core/model/claim.ts', 'infra imports function.ts'],
    ['infra/stacks/planted.ts', '../../shared/core/model/claim.ts', 'infra imports function.ts'],
    ['infra/stacks/planted.ts', '@aws-sdk/client-kms', 'infra imports function.ts'],
    ['local/planted.ts', '../infra/app.ts', 'Nothing imports infra'],
    ['local/runtime/planted.ts', '../../lambdas/signer/handler.ts', 'Nothing imports infra'],
    ['dashboard/src/planted.ts', '../../infra/config.ts', 'Nothing imports infra'],
  ])('refuses that %s imports %s', async (path, from, message) => {
    givenImport(path, from);

    const { passes, output } = await lint();

    expect(output).toContain(message);
    expect(passes).toBe(false);
  });

  it.each([
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
    ['infra/stacks/planted.ts', '#shared/runtime/env.ts'],
    ['infra/stacks/planted.ts', '#shared/api/routes/routes.ts'],
    ['infra/stacks/planted.ts', '../../lambdas/signer/function.ts'],
    ['infra/stacks/planted.ts', 'aws-cdk-lib/aws-sqs'],
  ])('lets %s import %s', async (path, from) => {
    givenImport(path, from);

    expect(await lint()).toEqual(expect.objectContaining({ passes: true }));
  });

  it('has a rule for every folder of shared', async () => {
    const folders = readdirSync(join(repository, 'shared'));
    for (const folder of folders) givenImport(`shared/${folder}/planted.ts`, 'aws-cdk-lib');

    const { output } = await lint();

    expect(folders.toSorted()).toEqual(['adapters', 'api', 'app', 'async', 'core', 'runtime']);
    for (const folder of folders) expect(output).toContain(`shared/${folder}/planted.ts`);
  });

  it('refuses a circle of imports, one of types only too', async () => {
    givenFile('shared/core/a.ts', "import type { B } from './b.ts';\n\nexport type A = B[];\n");
    givenFile('shared/core/b.ts', "import type { A } from './a.ts';\n\nexport type B = A[];\n");

    const { passes, output } = await lint();

    expect(output).toContain('import(no-cycle)');
    expect(passes).toBe(false);
  });
});
