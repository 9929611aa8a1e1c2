import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository } from './synthesized.ts';

/** A checkout with our linter's configuration and nothing in it yet. */
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'layers-'));
  copyFileSync(join(repository, '.oxlintrc.json'), join(checkout, '.oxlintrc.json'));
});

afterEach(() => rmSync(checkout, { recursive: true }));

function givenImport(path: string, from: string): void {
  const file = join(checkout, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `import { something } from '${from}';\n\nexport const it = something;\n`);
}

async function lint(): Promise<{ passes: boolean; output: string }> {
  const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [oxlint, '--deny-warnings', '--format', 'json'],
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
    ['shared/domain/planted.ts', '@aws-sdk/client-kms', 'Pure folders import only each other.'],
    ['shared/dkim/planted.ts', '../ports/zone.ts', 'Pure folders import only each other.'],
    ['shared/dkim/header/planted.ts', '#shared/aws/sqs.ts', 'Pure folders import only each other.'],
    ['shared/dkim/planted.ts', '#shared/dns/resolver.ts', 'Pure folders import only each other.'],
    ['shared/dmarc/planted.ts', '../dns/resolver.ts', 'Pure folders import only each other.'],
    ['shared/records/planted.ts', '../runtime/env.ts', 'Pure folders import only each other.'],
    ['shared/spf/planted.ts', 'node:fs', 'Pure code has no I/O.'],
    ['shared/mail/planted.ts', 'node:dns/promises', 'Pure code has no I/O.'],
    ['shared/ports/planted.ts', '@aws-sdk/client-sqs', 'Ports import only pure folders.'],
    ['shared/ports/planted.ts', '../aws/sqs.ts', 'Ports import only pure folders.'],
    ['shared/aws/planted.ts', 'aws-cdk-lib', 'Adapters import ports, pure folders, runtime'],
    ['shared/runtime/planted.ts', '@aws-sdk/client-s3', 'The runtime folder knows neither AWS'],
    ['lambdas/signer/planted.ts', 'aws-cdk-lib', 'A lambda imports itself and #shared.'],
    ['lambdas/signer/planted.ts', '../../shared/domain/claim.ts', 'A lambda imports itself'],
    ['lambdas/signer/planted.ts', '../relay/nudges.ts', 'A lambda imports itself'],
    ['lambdas/signer/planted.ts', '@aws-sdk/client-ses', 'A lambda reaches AWS through'],
    ['infra/stacks/planted.ts', '../../lambdas/signer/deliver.ts', 'infra imports no lambda.'],
    ['infra/stacks/planted.ts', '#shared/domain/claim.ts', 'infra imports only runtime names'],
    ['infra/stacks/planted.ts', '../../shared/domain/claim.ts', 'infra imports only runtime'],
    ['local/planted.ts', '../infra/app.ts', 'Nothing imports infra'],
  ])('refuses that %s imports %s', async (path, from, message) => {
    givenImport(path, from);

    const { passes, output } = await lint();

    expect(output).toContain(message);
    expect(passes).toBe(false);
  });

  it.each([
    ['shared/dkim/planted.ts', '../domain/names.ts'],
    ['shared/records/planted.ts', '#shared/dkim/key-record.ts'],
    ['shared/ports/planted.ts', '../domain/claim.ts'],
    ['shared/aws/planted.ts', '@aws-sdk/client-kms'],
    ['shared/aws/planted.ts', '../ports/zone.ts'],
    ['lambdas/signer/planted.ts', '#shared/aws/sqs.ts'],
    ['lambdas/signer/planted.ts', './deliver.ts'],
    ['infra/stacks/planted.ts', '#shared/runtime/env.ts'],
    ['infra/stacks/planted.ts', 'aws-cdk-lib/aws-sqs'],
  ])('lets %s import %s', async (path, from) => {
    givenImport(path, from);

    expect(await lint()).toEqual(expect.objectContaining({ passes: true }));
  });
});
